import { type EgressSeen, isRunning } from '#core/egress/egress-runner';
import type { FeedRecord } from '#core/playback/live-feed';
import type { BroadcastFact, EndReason } from './broadcast.ts';
import type { BroadcastPatch, BroadcastRecord } from './broadcast-store.ts';
import { PROBLEMS } from './problems.ts';

/** What was seen outside at one moment. `null` is "seen to be absent", `unknown` is "could not be asked": nothing follows from it. */
export type Observation = {
  now: Date;
  room: { publishers: number } | null | 'unknown';
  /** Those with this broadcast's storage prefix, ended ones too. */
  egresses: readonly EgressSeen[] | 'unknown';
  feed: FeedRecord | null | 'unknown';
};

export type Step =
  | { do: 'open-room' }
  | { do: 'start-egress' }
  | { do: 'adopt-egress'; egressId: string }
  | { do: 'stop-egress'; egressId: string }
  | { do: 'fact'; fact: BroadcastFact; patch?: BroadcastPatch }
  | { do: 'note'; patch: BroadcastPatch };

/** No new part for this long: the picture is interrupted (style.md, states). */
const STALE_PART_MS = 3_000;
/**
 * No new part for this long: the engine has not come back by itself (its promise is 10 s; a machine without an idle core takes longer, and
 * a new start costs it more than the return does), so another is started.
 */
const DEAD_PART_MS = 30_000;
/** An egress that shows nothing this long after it was asked for will show nothing. */
const DEAD_START_MS = 30_000;
/** A wish to be live, without anyone publishing, is given up after this. */
const FORGOTTEN_WISH_MS = 30 * 60_000;
/** Starts that came to nothing before a live broadcast is given up. */
const MAX_ATTEMPTS = 8;
/** Outputs count as closed when no part came for this long, whatever the engine's last report says. */
const CLOSED_AFTER_MS = 30_000;

/**
 * What is to be done about one broadcast: compares the record with what was seen. Pure, repeatable, in any order: a step that
 * was done gives no step the next time.
 */
export function decideBroadcast(
  record: BroadcastRecord,
  seen: Observation,
  settings: { reconnectWindowS: number },
): Step[] {
  if (record.state === 'ended') return stopAll(seen);
  if (record.state === 'ending') return decideEnding(seen);
  if (record.startRequestedAt === null) return stopAll(seen);
  const roomStep = decideRoom(record, seen);
  // With the room its egress has gone, and viewers wait: both come in one go.
  if (roomStep?.do === 'open-room') return [roomStep, ...decideEgress(record, seen)];
  if (roomStep) return [roomStep];
  const picture = decidePicture(record, seen, settings);
  // A change of state first; what the engine needs is looked at again with the new record.
  return picture ? [picture] : decideEgress(record, seen);
}

function running(seen: Observation): EgressSeen[] {
  return seen.egresses === 'unknown' ? [] : seen.egresses.filter(isRunning);
}

function stopAll(seen: Observation): Step[] {
  return running(seen)
    .filter((egress) => egress.state !== 'ending')
    .map((egress) => ({ do: 'stop-egress', egressId: egress.egressId }));
}

function partAgeMs(seen: Observation): number {
  if (seen.feed === 'unknown' || seen.feed === null || seen.feed.lastPartAtMs === 0) return Number.POSITIVE_INFINITY;
  return seen.now.getTime() - seen.feed.lastPartAtMs;
}

function decideEnding(seen: Observation): Step[] {
  if (seen.feed === 'unknown') return stopAll(seen);
  if (seen.feed?.state === 'ended') return [{ do: 'fact', fact: 'outputs-closed' }];
  const silent = partAgeMs(seen) > CLOSED_AFTER_MS;
  const gone = seen.egresses !== 'unknown' && running(seen).length === 0 && partAgeMs(seen) > STALE_PART_MS;
  return silent || gone ? [{ do: 'fact', fact: 'outputs-closed' }, ...stopAll(seen)] : stopAll(seen);
}

function decideRoom(record: BroadcastRecord, seen: Observation): Step | null {
  if (seen.room === 'unknown') return null;
  if (seen.room === null) return { do: 'open-room' };
  return record.state === 'scheduled' ? { do: 'fact', fact: 'room-open' } : null;
}

function decidePicture(
  record: BroadcastRecord,
  seen: Observation,
  { reconnectWindowS }: { reconnectWindowS: number },
): Step | null {
  if (seen.feed === 'unknown') return null;
  const nowMs = seen.now.getTime();
  const fresh = seen.feed?.state === 'active' && partAgeMs(seen) <= STALE_PART_MS;
  const source = fresh && seen.feed?.shows === 'source';
  const shown = source || (fresh && record.openOnSlate);
  switch (record.state) {
    case 'backstage':
      if (shown) return { do: 'fact', fact: 'source-seen' };
      return isForgotten(record, seen) ? giveUpWish() : null;
    case 'live':
      if (source && record.openOnSlate) return { do: 'note', patch: { openOnSlate: false } };
      if (shown) return null;
      return { do: 'fact', fact: 'sources-lost', patch: { problem: whatIsMissing(seen, fresh) } };
    case 'interrupted': {
      if (shown) return { do: 'fact', fact: 'source-back' };
      const sinceMs = nowMs - (record.interruptedAt?.getTime() ?? nowMs);
      if (sinceMs < reconnectWindowS * 1000) return null;
      return giveUp(seen, fresh);
    }
    default:
      return null;
  }
}

function whatIsMissing(seen: Observation, fresh: boolean): string {
  if (!fresh) return PROBLEMS['engine-silent'];
  const present = seen.room !== 'unknown' && seen.room !== null && seen.room.publishers > 0;
  return PROBLEMS[present ? 'no-picture' : 'host-away'];
}

function giveUp(seen: Observation, fresh: boolean): Step {
  const reason: EndReason = fresh ? 'host-lost' : 'egress-failed';
  const present = seen.room !== 'unknown' && seen.room !== null && seen.room.publishers > 0;
  return reason === 'egress-failed' && present
    ? { do: 'fact', fact: 'egress-failed', patch: { endReason: reason } }
    : { do: 'fact', fact: 'grace-over', patch: { endReason: 'host-lost' } };
}

function isForgotten(record: BroadcastRecord, seen: Observation): boolean {
  if (seen.room === 'unknown' || seen.room === null || seen.room.publishers > 0) return false;
  return seen.now.getTime() - (record.startRequestedAt?.getTime() ?? 0) > FORGOTTEN_WISH_MS;
}

function giveUpWish(): Step {
  return {
    do: 'note',
    patch: {
      startRequestedAt: null,
      problem: PROBLEMS['start-given-up'],
    },
  };
}

function decideEgress(record: BroadcastRecord, seen: Observation): Step[] {
  if (seen.egresses === 'unknown' || seen.feed === 'unknown') return [];
  const all = running(seen);
  const alive = all.filter((egress) => isAlive(record, egress, seen));
  const kept = alive.find((one) => one.egressId === record.egressId) ?? newest(alive);
  const others = all.filter((one) => one.egressId !== kept?.egressId && one.state !== 'ending');
  const stops: Step[] = others.map((one) => ({ do: 'stop-egress', egressId: one.egressId }));
  if (kept)
    return kept.egressId === record.egressId ? stops : [{ do: 'adopt-egress', egressId: kept.egressId }, ...stops];
  // LiveKit may have lost its records with Redis while the engine goes on: its parts are the proof.
  if (partAgeMs(seen) <= DEAD_PART_MS && seen.feed?.state === 'active') return [];
  const onAir = record.state === 'live' || record.state === 'interrupted';
  if (onAir && record.egressAttempts >= MAX_ATTEMPTS) {
    return [{ do: 'fact', fact: 'egress-failed', patch: { endReason: 'egress-failed' } }, ...stops];
  }
  const waits = record.egressRetryAt !== null && record.egressRetryAt > seen.now;
  return waits ? stops : [{ do: 'start-egress' }, ...stops];
}

/** LiveKit keeps the last report of a dead engine for ever, so "active" alone proves nothing. */
function isAlive(record: BroadcastRecord, egress: EgressSeen, seen: Observation): boolean {
  if (egress.state === 'ending') return false;
  if (seen.feed !== 'unknown' && seen.feed?.egressId === egress.egressId && seen.feed.state !== 'ended') {
    if (partAgeMs(seen) <= DEAD_PART_MS) return true;
  }
  const nowMs = seen.now.getTime();
  // The retry moment is set by whoever starts one, shortly ahead of now: a young egress may not be in the record yet.
  const mayBeYoung = egress.startedAt === null || record.egressId === egress.egressId;
  const askedMs = Math.max(egress.startedAt?.getTime() ?? 0, mayBeYoung ? (record.egressRetryAt?.getTime() ?? 0) : 0);
  return nowMs - askedMs <= DEAD_START_MS;
}

function newest(egresses: readonly EgressSeen[]): EgressSeen | undefined {
  return [...egresses].sort((a, b) => (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0))[0];
}
