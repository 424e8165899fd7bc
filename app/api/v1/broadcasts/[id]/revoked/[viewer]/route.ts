import { letViewerBack, sendViewerAway } from '#core/broadcast/issue-playback-grant';
import { apiRoute } from '../../../../../_http/api-route.ts';

export const PUT = apiRoute({}, ({ actor, services, params }) =>
  sendViewerAway(services, { actor, broadcastId: params.id ?? '', viewer: params.viewer ?? '' }),
);

export const DELETE = apiRoute({}, ({ actor, services, params }) =>
  letViewerBack(services, { actor, broadcastId: params.id ?? '', viewer: params.viewer ?? '' }),
);
