import { CreateChannel, createChannel } from '#core/channel/create-channel';
import { findChannels } from '#core/channel/find-channels';
import { apiRoute } from '../../_http/api-route.ts';
import { channelView } from '../../_http/views.ts';

/** The caller's own channels; an admin's list holds all. */
export const GET = apiRoute({}, async ({ actor, services }) => {
  const found = await findChannels(services, actor);
  return { items: found.map((channel) => channelView(channel, services.env.OPENAIR_URL)) };
});

export const POST = apiRoute({ body: CreateChannel, status: 201 }, async ({ actor, services, body }) =>
  channelView(await createChannel(services, { actor, input: body }), services.env.OPENAIR_URL),
);
