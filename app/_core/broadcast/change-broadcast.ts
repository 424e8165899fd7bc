import type { ShowInput } from '#core/playback/show';
import { transition } from '#core/shared/transition';
import { type BroadcastFact, nextBroadcastState } from './broadcast.ts';
import type { BroadcastPatch, BroadcastRecord } from './broadcast-store.ts';
import { publicView } from './public-view.ts';
import type { BroadcastRooms } from './rooms.ts';

type ChangeRooms = Pick<
  BroadcastRooms,
  'stores' | 'news' | 'shows' | 'audience' | 'addresses' | 'clock' | 'ids' | 'log'
>;

/**
 * Moves a broadcast by a fact that was seen, and tells the world.
 * @returns the new record; null when the fact changes nothing in this state or somebody else was first
 */
export async function applyFact(
  rooms: ChangeRooms,
  seen: BroadcastRecord,
  fact: BroadcastFact,
  patch: BroadcastPatch = {},
): Promise<BroadcastRecord | null> {
  const state = transition(nextBroadcastState, seen.state, fact);
  if (!state) return null;
  const now = rooms.clock.now();
  const changed = await rooms.stores.broadcasts.update(
    seen.id,
    { version: seen.version, from: [seen.state] },
    { ...timesOf(seen, state, now), ...patch, state },
  );
  if (!changed) return null;
  rooms.log.info(
    { broadcastId: seen.id, from: seen.state, to: state, fact, endReason: changed.endReason ?? undefined },
    'a broadcast changed its state',
  );
  if (state === 'live' && seen.state === 'backstage') await noteRecording(rooms, changed, 'recording');
  if (state === 'ended' && changed.startedAt) await noteRecording(rooms, changed, 'processing');
  await announce(rooms, changed);
  return changed;
}

/** What goes with a state: times, reasons to forget. */
function timesOf(seen: BroadcastRecord, state: BroadcastRecord['state'], now: Date): BroadcastPatch {
  switch (state) {
    case 'live':
      return {
        startedAt: seen.startedAt ?? now,
        interruptedAt: null,
        problem: null,
        egressAttempts: 0,
        scene: backAfterSoon(seen),
      };
    case 'interrupted':
      return { interruptedAt: now };
    case 'ended':
      return { endedAt: now, interruptedAt: null };
    default:
      return {};
  }
}

/** Once a broadcast has been live, its slate no longer says "soon". */
function backAfterSoon({ scene }: BroadcastRecord): BroadcastRecord['scene'] {
  if (scene.slate.kind !== 'soon') return scene;
  return { ...scene, version: scene.version + 1, slate: { ...scene.slate, kind: 'back' } };
}

async function noteRecording(
  rooms: ChangeRooms,
  broadcast: BroadcastRecord,
  state: 'recording' | 'processing',
): Promise<void> {
  const base = { id: rooms.ids.make('rec'), durationMs: 0, sizeBytes: 0, recovered: false, problem: null };
  await rooms.stores.recordings
    .put({ ...base, broadcastId: broadcast.id, state })
    .catch((error) => rooms.log.warn({ err: error, broadcastId: broadcast.id }, 'the recording was not noted'));
}

/** What the media origin is told of a broadcast. */
export function showOf(broadcast: BroadcastRecord): ShowInput {
  const { playbackId, visibility, grantEpoch, title, state, startsAt, version } = broadcast;
  return { playbackId, visibility, grantEpoch, title, state, startsAt: startsAt?.toISOString() ?? null, version };
}

/** Tells playback and pages. Neither may hold a broadcast up: what fails here is mended by the next change or the reconciler. */
export async function announce(rooms: Omit<ChangeRooms, 'ids' | 'clock'>, broadcast: BroadcastRecord): Promise<void> {
  const told = [rooms.shows.put(showOf(broadcast)), tellPages(rooms, broadcast)];
  for (const outcome of await Promise.allSettled(told)) {
    if (outcome.status === 'rejected') {
      rooms.log.warn({ err: outcome.reason, broadcastId: broadcast.id }, 'a change was not told everywhere');
    }
  }
}

async function tellPages(
  { stores, news, audience, addresses }: Omit<ChangeRooms, 'ids' | 'clock'>,
  broadcast: BroadcastRecord,
): Promise<void> {
  const channel = await stores.channels.get(broadcast.channelId);
  if (!channel) return;
  const counted = await audience.count(broadcast.playbackId).catch(() => 0);
  const view = publicView(broadcast, channel, counted, addresses);
  await news.publish({ kind: 'broadcast', channelId: channel.id, broadcast: view });
}

/**
 * Tells realtime who may not stay in the chat of a broadcast. Playback does not wait for it, and never fails by it.
 * @param viewer null = everyone who was let in before the broadcast's present epoch
 */
export async function tellSentAway(
  { news, log }: Pick<BroadcastRooms, 'news' | 'log'>,
  { id, grantEpoch }: Pick<BroadcastRecord, 'id' | 'grantEpoch'>,
  viewer: string | null,
): Promise<void> {
  await news
    .publish({ kind: 'sent-away', broadcastId: id, epoch: grantEpoch, viewer })
    .catch((error) => log.warn({ err: error, broadcastId: id }, 'realtime was not told who may not stay'));
}

const TRIES = 4;

/**
 * Changes a record that others change too: reads it, asks `change` what to do, and begins again when somebody was faster.
 * @param change null = nothing to do
 */
export async function retryOnRace<Result>(
  rooms: Pick<BroadcastRooms, 'stores'>,
  id: string,
  change: (seen: BroadcastRecord) => Promise<Result | null>,
): Promise<Result | null> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const seen = await rooms.stores.broadcasts.get(id);
    if (!seen) return null;
    const result = await change(seen);
    if (result !== null) return result;
  }
  return null;
}
