import type { SecretTarget } from '#core/destination/destination-store';
import type { FeedPush, FeedRecord } from '#core/playback/live-feed';
import type { BroadcastRecord } from './broadcast-store.ts';
import type { BroadcastRooms } from './rooms.ts';

type PushRooms = Pick<BroadcastRooms, 'stores' | 'egress' | 'pushIds' | 'log'>;

export type PushChange = { add: string[]; remove: string[]; gone: string[] };

/**
 * Compares the wanted pushes with those the engine reports.
 * @returns full URLs to add and to remove, and removals that are done
 */
export function comparePushes(
  targets: readonly SecretTarget[],
  removals: readonly string[],
  pushes: readonly FeedPush[],
  idOf: (url: string) => string,
): PushChange {
  const reported = new Set(pushes.filter((push) => push.state !== 'stopped').map((push) => push.id));
  const wanted = new Map(
    targets.filter((one) => one.destination.enabled).map((one) => [idOf(one.pushUrl), one.pushUrl]),
  );
  const unwanted = new Map(
    [...removals, ...targets.filter((one) => !one.destination.enabled).map((one) => one.pushUrl)]
      .map((url): [string, string] => [idOf(url), url])
      .filter(([id]) => !wanted.has(id)),
  );
  return {
    add: [...wanted].filter(([id]) => !reported.has(id)).map(([, url]) => url),
    remove: [...unwanted].filter(([id]) => reported.has(id)).map(([, url]) => url),
    gone: removals.filter((url) => wanted.has(idOf(url)) || !reported.has(idOf(url))),
  };
}

/** Adds and removes pushes of a running egress until it has the wanted ones; remembers what each came to. */
export async function syncPushes(rooms: PushRooms, broadcast: BroadcastRecord, feed: FeedRecord): Promise<void> {
  const { destinations, pushRemovals } = rooms.stores;
  const targets = await destinations.findTargets(broadcast.channelId);
  const removals = await pushRemovals.find(broadcast.channelId);
  if (targets.length === 0 && removals.length === 0) return;
  const idOf = (url: string) => rooms.pushIds.idOf(url);
  const change = comparePushes(targets, removals, feed.pushes, idOf);
  await rememberOutcomes(rooms, targets, feed.pushes);
  if (change.gone.length > 0) await pushRemovals.clear(broadcast.channelId, change.gone);
  const egressId = feed.egressId || broadcast.egressId;
  if (!egressId || (change.add.length === 0 && change.remove.length === 0)) return;
  try {
    await rooms.egress.updatePushes(egressId, change);
    rooms.log.info(
      { broadcastId: broadcast.id, egressId, added: change.add.length, removed: change.remove.length },
      'pushes were changed',
    );
  } catch (error) {
    rooms.log.warn({ err: error, broadcastId: broadcast.id }, 'pushes could not be changed; tried again');
  }
}

async function rememberOutcomes(
  rooms: PushRooms,
  targets: readonly SecretTarget[],
  pushes: readonly FeedPush[],
): Promise<void> {
  const byId = new Map(pushes.map((push) => [push.id, push]));
  for (const { destination, pushUrl } of targets) {
    const push = byId.get(rooms.pushIds.idOf(pushUrl));
    const { last } = destination;
    if (!push || (push.state === last.state && (push.lastError?.code ?? null) === last.errorCode)) continue;
    await rooms.stores.destinations.noteOutcome(destination.id, {
      state: push.state,
      errorCode: push.lastError?.code ?? null,
      error: push.lastError?.sentence ?? null,
    });
  }
}
