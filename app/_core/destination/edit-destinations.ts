import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { notFound } from '#core/account/permissions';
import type { Channel } from '#core/channel/channel';
import type { ChannelStore } from '#core/channel/channel-store';
import { requireOwnChannel } from '#core/channel/require-channel';
import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import type { Ids } from '#core/shared/ids';
import { checkTarget, type HostResolver } from './check-target.ts';
import type { Destination } from './destination.ts';
import type { DestinationPatch, DestinationStore, PushRemovals, SecretTarget } from './destination-store.ts';
import { DESTINATION_KINDS, PLATFORMS } from './platforms.ts';
import { isSrtUrl } from './push-url.ts';
import { sealableKey } from './sealed-key.ts';
import type { TargetPolicy } from './target-address.ts';

const Name = z.string().trim().min(1, 'must not be empty').max(100, 'must have at most 100 characters');
const Url = z.string().trim().min(1, 'must not be empty').max(500, 'must have at most 500 characters');
/** What platforms give out: one word, sometimes with a query. Blanks would end RTMP's own options. */
const StreamKey = z
  .string()
  .trim()
  .max(512, 'must have at most 512 characters')
  .regex(/^([!-[\]-~]*[!-.0-[\]-~])?$/, 'must not hold blanks or backslashes, nor end with a slash');

/** SRT's; how long it must be is said where it is read. */
const Passphrase = z.string().max(200, 'must have at most 79 characters');

export const AddDestination = z.strictObject({
  name: Name.optional(),
  kind: z.enum(DESTINATION_KINDS).default('custom'),
  /** rtmp(s)://host/app or srt://host:port. May be left out for a known platform. */
  url: Url.optional(),
  /** SRT: the stream id. */
  streamKey: StreamKey.default(''),
  passphrase: Passphrase.optional(),
  enabled: z.boolean().default(true),
});
export const EditDestination = z
  .strictObject({
    name: Name.optional(),
    url: Url.optional(),
    streamKey: StreamKey.optional(),
    /** SRT alone; empty = none any more. */
    passphrase: Passphrase.optional(),
    enabled: z.boolean().optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'needs at least one of name, url, streamKey, passphrase, enabled');

export type DestinationRooms = {
  stores: { channels: ChannelStore; destinations: DestinationStore; pushRemovals: PushRemovals };
  resolver: HostResolver;
  targets: TargetPolicy;
  ids: Ids;
  clock: Clock;
};
type Asked<Input> = { actor: Actor; handle: string; input: Input };

/** As many as one egress pushes to. */
const MAX_PER_CHANNEL = 20;
const EXAMPLE: Partial<Record<Destination['kind'], string>> & { custom: string } = {
  custom: 'rtmp://host/app',
  srt: 'srt://host:port?streamid=…',
};

/** All of a channel's. @throws AppError 'unauthenticated', 'not-found' */
export async function findDestinations(
  rooms: Pick<DestinationRooms, 'stores'>,
  { actor, handle }: { actor: Actor; handle: string },
): Promise<{ channel: Channel; destinations: Destination[] }> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  return { channel, destinations: await rooms.stores.destinations.findOfChannel(channel.id) };
}

/**
 * Adds a destination; the caller lets it join a broadcast on air.
 * @throws AppError 'unauthenticated', 'not-found', 'bad-request', 'destination-refused', each with its field
 */
export async function addDestination(
  rooms: DestinationRooms,
  { actor, handle, input }: Asked<z.infer<typeof AddDestination>>,
): Promise<{ channel: Channel; destination: Destination }> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  const url = input.url ?? PLATFORMS[input.kind].url;
  if (!url)
    throw missing('url', `A destination of this kind needs an address: ${EXAMPLE[input.kind] ?? EXAMPLE.custom}`);
  if (input.kind === 'srt' && !isSrtUrl(url)) throw missing('url', `An SRT address looks like ${EXAMPLE.srt}`);
  if (PLATFORMS[input.kind].url && input.streamKey === '') {
    throw missing('streamKey', `${PLATFORMS[input.kind].name} needs a stream key.`);
  }
  await checkTarget(rooms, url);
  const others = await rooms.stores.destinations.findOfChannel(channel.id);
  if (others.length >= MAX_PER_CHANNEL) {
    throw new AppError('conflict', {
      blame: 'owner',
      field: 'url',
      message: `A channel has at most ${MAX_PER_CHANNEL} destinations. Remove one to add another.`,
    });
  }
  const { url: shown, streamKey = '' } = sealableKey({ ...input, url }, null);
  const destination: Destination = {
    id: rooms.ids.make('ds'),
    channelId: channel.id,
    name: input.name ?? PLATFORMS[input.kind].name,
    kind: input.kind,
    url: shown,
    enabled: input.enabled,
    hasStreamKey: streamKey !== '',
    last: { state: 'idle', errorCode: null, error: null },
    version: 1,
    createdAt: rooms.clock.now(),
  };
  await rooms.stores.destinations.add(destination, streamKey);
  return { channel, destination };
}

/**
 * Changes a destination. A new address or key, or switching off, ends the old push.
 * @throws AppError 'unauthenticated', 'not-found', 'destination-refused'
 */
export async function editDestination(
  rooms: DestinationRooms,
  { actor, handle, id, input }: Asked<z.infer<typeof EditDestination>> & { id: string },
): Promise<{ channel: Channel; destination: Destination }> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  const before = await pushUrlOf(rooms, channel.id, id);
  if (input.url !== undefined) await checkTarget(rooms, input.url);
  const destination = await rooms.stores.destinations.update(
    channel.id,
    id,
    await patchOf(rooms, channel.id, id, input),
  );
  if (!destination) throw notFound('destination');
  if ((await pushUrlOf(rooms, channel.id, id)) !== before) await rooms.stores.pushRemovals.add(channel.id, [before]);
  return { channel, destination };
}

async function patchOf(
  rooms: Pick<DestinationRooms, 'stores'>,
  channelId: string,
  id: string,
  { passphrase, ...input }: z.infer<typeof EditDestination>,
): Promise<DestinationPatch> {
  if (input.url === undefined && input.streamKey === undefined && passphrase === undefined) return input;
  const target = await targetOf(rooms, channelId, id);
  const url = input.url ?? target.destination.url;
  return { ...input, ...sealableKey({ url, streamKey: input.streamKey, passphrase }, target.pushUrl) };
}

/** Removes a destination and ends its push. @throws AppError 'unauthenticated', 'not-found' */
export async function removeDestination(
  rooms: Pick<DestinationRooms, 'stores'>,
  { actor, handle, id }: { actor: Actor; handle: string; id: string },
): Promise<{ channel: Channel }> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  const before = await pushUrlOf(rooms, channel.id, id);
  // First the removal, then the record: a crash between the two removes once too often, never once too few.
  await rooms.stores.pushRemovals.add(channel.id, [before]);
  await rooms.stores.destinations.remove(channel.id, id);
  return { channel };
}

async function pushUrlOf(rooms: Pick<DestinationRooms, 'stores'>, channelId: string, id: string): Promise<string> {
  return (await targetOf(rooms, channelId, id)).pushUrl;
}

async function targetOf(rooms: Pick<DestinationRooms, 'stores'>, channelId: string, id: string): Promise<SecretTarget> {
  const targets = await rooms.stores.destinations.findTargets(channelId);
  const found = targets.find((one) => one.destination.id === id);
  if (!found) throw notFound('destination');
  return found;
}

function missing(field: string, message: string): AppError {
  return new AppError('bad-request', { blame: 'owner', retry: 'after-edit', field, message });
}
