import type { BroadcastRecord } from './broadcast-store.ts';
import { requestStart } from './start-broadcast.ts';

/** A scheduled broadcast starts by a signal at most this long before or after its time. */
const NEAR_MS = 3_600_000;

/**
 * Which of a channel's open broadcasts a signal starts: the prepared one, else the nearest scheduled within an hour; none
 * while another is on air.
 */
export function chooseAutoStart(open: readonly BroadcastRecord[], now: Date): BroadcastRecord | null {
  if (open.some((one) => one.startRequestedAt !== null)) return null;
  const willing = open.filter((one) => one.autoStart);
  const prepared = willing
    .filter((one) => one.state === 'backstage')
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const distance = (one: BroadcastRecord) => Math.abs((one.startsAt?.getTime() ?? 0) - now.getTime());
  const scheduled = willing
    .filter((one) => one.state === 'scheduled' && distance(one) <= NEAR_MS)
    .sort((a, b) => distance(a) - distance(b));
  return prepared[0] ?? scheduled[0] ?? null;
}

/** Starts the channel's waiting broadcast because a picture arrived. Null when none is to start. */
export async function autoStart(
  rooms: Parameters<typeof requestStart>[0],
  channelId: string,
): Promise<BroadcastRecord | null> {
  const open = await rooms.stores.broadcasts.find({
    channelId,
    states: ['scheduled', 'backstage', 'live', 'interrupted', 'ending'],
    limit: 50,
  });
  const chosen = chooseAutoStart(open, rooms.clock.now());
  if (!chosen) return null;
  rooms.log.info({ broadcastId: chosen.id, channelId }, 'a signal starts the broadcast');
  return requestStart(rooms, chosen);
}
