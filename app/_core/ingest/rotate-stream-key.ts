import type { Actor } from '#core/account/actor';
import { requireOwnChannel } from '#core/channel/require-channel';
import type { Log } from '#core/shared/log';
import type { IngressRegistry } from './ingress-registry.ts';
import { type IngestAddresses, type IngestRooms, ingestAddresses } from './show-ingest.ts';

/**
 * Gives the channel a new key. The old one is dead at once; whoever publishes with it is dropped.
 * @throws AppError 'unauthenticated', 'not-found'
 */
export async function rotateStreamKey(
  rooms: IngestRooms & { ingresses: Pick<IngressRegistry, 'end'>; log: Log },
  asked: { actor: Actor; handle: string },
): Promise<IngestAddresses> {
  const channel = await requireOwnChannel(rooms, asked.actor, asked.handle);
  const streamKey = rooms.streamKeys.makeStreamKey(channel.id);
  await rooms.stores.streamKeys.put(channel.id, streamKey);
  try {
    await rooms.ingresses.end(channel.id);
  } catch (error) {
    // The key is dead either way; a publisher that could not be dropped now cannot come back.
    rooms.log.warn({ err: error, channelId: channel.id }, 'the old publisher could not be dropped');
  }
  return ingestAddresses(rooms, channel.id, streamKey);
}
