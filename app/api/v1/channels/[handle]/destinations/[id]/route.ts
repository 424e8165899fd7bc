import { feedOnAir, refreshPushes } from '#core/broadcast/refresh-pushes';
import { viewDestinations } from '#core/broadcast/view-broadcast';
import { EditDestination, editDestination, removeDestination } from '#core/destination/edit-destinations';
import { apiRoute } from '../../../../../_http/api-route.ts';

export const PATCH = apiRoute({ body: EditDestination }, async ({ actor, services, params, body }) => {
  const { handle = '', id = '' } = params;
  const { channel } = await editDestination(services, { actor, handle, id, input: body });
  await refreshPushes(services, channel.id, id);
  const all = await viewDestinations(services, channel.id, await feedOnAir(services, channel.id));
  return all.find((one) => one.id === id);
});

export const DELETE = apiRoute({}, async ({ actor, services, params }) => {
  const { handle = '', id = '' } = params;
  const { channel } = await removeDestination(services, { actor, handle, id });
  await refreshPushes(services, channel.id);
});
