import { StartBroadcast, startBroadcast } from '#core/broadcast/start-broadcast';
import { getBroadcast } from '#core/broadcast/view-broadcast';
import { apiRoute } from '../../../../_http/api-route.ts';

export const POST = apiRoute({ body: StartBroadcast }, async ({ actor, services, params, body }) => {
  const { id } = await startBroadcast(services, { actor, broadcastId: params.id ?? '', input: body });
  return getBroadcast(services, { actor, broadcastId: id });
});
