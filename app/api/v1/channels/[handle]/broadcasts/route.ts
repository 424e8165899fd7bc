import { CreateBroadcast, createBroadcast } from '#core/broadcast/create-broadcast';
import { listChannelBroadcasts } from '#core/broadcast/list-broadcasts';
import { getBroadcast } from '#core/broadcast/view-broadcast';
import { apiRoute } from '../../../../_http/api-route.ts';
import { ListQuery } from '../../../../_http/views.ts';

export const GET = apiRoute({ query: ListQuery }, async ({ actor, services, params, query }) => ({
  items: await listChannelBroadcasts(services, { actor, handle: params.handle ?? '', ...query }),
}));

export const POST = apiRoute({ body: CreateBroadcast, status: 201 }, async ({ actor, services, params, body }) => {
  const made = await createBroadcast(services, { actor, handle: params.handle ?? '', input: body });
  return getBroadcast(services, { actor, broadcastId: made.id });
});
