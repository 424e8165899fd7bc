import { SetScene, setScene } from '#core/broadcast/set-scene';
import { apiRoute } from '../../../../_http/api-route.ts';

export const PUT = apiRoute({ body: SetScene }, ({ actor, services, params, body }) =>
  setScene(services, { actor, broadcastId: params.id ?? '', input: body }),
);
