import { feedOnAir, refreshPushes } from '#core/broadcast/refresh-pushes';
import { viewDestinations } from '#core/broadcast/view-broadcast';
import { AddDestination, addDestination, findDestinations } from '#core/destination/edit-destinations';
import { apiRoute } from '../../../../_http/api-route.ts';

export const GET = apiRoute({}, async ({ actor, services, params }) => {
  const { channel } = await findDestinations(services, { actor, handle: params.handle ?? '' });
  return { items: await viewDestinations(services, channel.id, await feedOnAir(services, channel.id)) };
});

export const POST = apiRoute({ body: AddDestination, status: 201 }, async ({ actor, services, params, body }) => {
  const { channel, destination } = await addDestination(services, { actor, handle: params.handle ?? '', input: body });
  await refreshPushes(services, channel.id);
  const all = await viewDestinations(services, channel.id, await feedOnAir(services, channel.id));
  return all.find((one) => one.id === destination.id);
});
