import { endBroadcast } from '#core/broadcast/end-broadcast';
import { getBroadcast } from '#core/broadcast/view-broadcast';
import { apiRoute } from '../../../../_http/api-route.ts';

export const POST = apiRoute({}, async ({ actor, services, params }) => {
  const { id } = await endBroadcast(services, { actor, broadcastId: params.id ?? '' });
  return getBroadcast(services, { actor, broadcastId: id });
});
