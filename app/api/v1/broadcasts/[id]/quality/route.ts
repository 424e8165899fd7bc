import { viewQuality } from '#core/broadcast/view-quality';
import { apiRoute } from '../../../../_http/api-route.ts';

export const GET = apiRoute({}, ({ actor, services, params }) =>
  viewQuality(services, { actor, broadcastId: params.id ?? '' }),
);
