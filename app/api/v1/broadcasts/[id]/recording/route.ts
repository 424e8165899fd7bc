import { getRecording } from '#core/broadcast/get-recording';
import { apiRoute } from '../../../../_http/api-route.ts';

export const GET = apiRoute({}, ({ actor, services, params }) =>
  getRecording(services, { actor, broadcastId: params.id ?? '' }),
);
