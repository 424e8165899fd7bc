import { listBroadcasts } from '#core/broadcast/list-broadcasts';
import { apiRoute } from '../../_http/api-route.ts';
import { ListQuery } from '../../_http/views.ts';

export const GET = apiRoute({ query: ListQuery }, async ({ actor, services, query }) => ({
  items: await listBroadcasts(services, { actor, ...query }),
}));
