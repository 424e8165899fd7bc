import { EditBroadcast, editBroadcast } from '#core/broadcast/edit-broadcast';
import { getBroadcast } from '#core/broadcast/view-broadcast';
import { apiRoute } from '../../../_http/api-route.ts';

export const GET = apiRoute({}, ({ actor, services, params }) =>
  getBroadcast(services, { actor, broadcastId: params.id ?? '' }),
);

export const PATCH = apiRoute({ body: EditBroadcast }, async ({ actor, services, params, body }) => {
  const { id } = await editBroadcast(services, { actor, broadcastId: params.id ?? '', input: body });
  return getBroadcast(services, { actor, broadcastId: id });
});
