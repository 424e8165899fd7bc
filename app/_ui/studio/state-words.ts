import type { ProblemCode } from '#core/broadcast/problems';
import type { StateTone } from '../primitives/state-line.tsx';
import type { IngestState, OwnBroadcast } from './calls.ts';
import type { PublisherState } from './publisher.ts';

/** What the state line of the studio says: keys of `studio.state` and `studio.sentence`, or the server's own sentence. */
export type StudioWords = {
  tone: StateTone;
  state: 'off' | 'scheduled' | 'backstage' | 'starting' | 'live' | 'interrupted' | 'ending' | 'ended';
  sentence:
    | { key: SentenceKey; values?: Record<string, string | number> }
    /** From the server, about this broadcast. */
    | { text: string };
};
export type SentenceKey =
  | 'off'
  | 'scheduled'
  | 'backstage'
  | 'backstageConnected'
  | 'autoStart'
  | 'preparing'
  | 'connecting'
  | 'starting'
  | 'startingSlow'
  | 'live'
  | 'liveElsewhere'
  | 'reconnecting'
  | 'takenOver'
  | 'removed'
  | 'interruptedEncoder'
  | 'interruptedCamera'
  | 'ending'
  | 'endedByHost'
  | 'endedHostLost'
  | 'endedLimit'
  | 'endedEgress'
  | 'endedRemoved'
  | 'endedCancelled'
  | `problem.${ProblemCode}`;

export type StudioFacts = {
  broadcast: OwnBroadcast | null;
  publisher: PublisherState;
  ingest: IngestState | null;
  /** Which step of "Go live" this page is in. */
  step: 'idle' | 'preparing' | 'connecting' | 'starting';
  audience: number;
  nowMs: number;
};

/** After this the end of the last show is no news any more. */
export const ENDED_NEWS_MS = 10 * 60_000;

/** A start that takes longer than this deserves a sentence of its own. */
export const SLOW_START_MS = 15_000;

const ENDED: Record<NonNullable<OwnBroadcast['endReason']>, SentenceKey> = {
  'host-ended': 'endedByHost',
  'host-lost': 'endedHostLost',
  limit: 'endedLimit',
  'egress-failed': 'endedEgress',
  removed: 'endedRemoved',
  cancelled: 'endedCancelled',
};

/** The state of the show in words. "Live" is only ever said when the broadcast's state says so. */
export function studioWords(facts: StudioFacts): StudioWords {
  const { broadcast, step } = facts;
  if (!broadcast || broadcast.state === 'ended') {
    if (step !== 'idle') return words('working', 'starting', step === 'preparing' ? 'preparing' : 'connecting');
    const endedMs = broadcast?.endedAt ? Date.parse(broadcast.endedAt) : Number.NaN;
    if (!broadcast?.endReason || facts.nowMs - endedMs > ENDED_NEWS_MS) return words('off', 'off', 'off');
    return words('off', 'ended', ENDED[broadcast.endReason]);
  }
  switch (broadcast.state) {
    case 'scheduled':
    case 'backstage':
      return beforeLive(facts, broadcast);
    case 'live':
      return whileLive(facts);
    case 'interrupted':
      if (broadcast.problem) return { tone: 'warn', state: 'interrupted', sentence: problemWords(broadcast) };
      return words('warn', 'interrupted', facts.publisher.kind === 'off' ? 'interruptedEncoder' : 'interruptedCamera');
    case 'ending':
      return words('working', 'ending', 'ending');
  }
}

function beforeLive({ publisher, step, nowMs }: StudioFacts, broadcast: OwnBroadcast): StudioWords {
  const asked = broadcast.startRequestedAt ? Date.parse(broadcast.startRequestedAt) : Number.NaN;
  if (!Number.isNaN(asked) || step === 'starting') {
    if (broadcast.problem) return { tone: 'warn', state: 'starting', sentence: problemWords(broadcast) };
    if (publisher.kind === 'reconnecting' || publisher.kind === 'retrying')
      return words('warn', 'starting', 'connecting');
    return words('working', 'starting', nowMs - asked > SLOW_START_MS ? 'startingSlow' : 'starting');
  }
  if (step === 'preparing' || step === 'connecting') return words('working', 'starting', step);
  if (broadcast.problem) return { tone: 'warn', state: 'backstage', sentence: problemWords(broadcast) };
  if (broadcast.state === 'scheduled') return words('off', 'scheduled', 'scheduled');
  if (broadcast.autoStart) return words('off', 'backstage', 'autoStart');
  return words('off', 'backstage', publisher.kind === 'connected' ? 'backstageConnected' : 'backstage');
}

function problemWords({ problem, problemCode }: OwnBroadcast): StudioWords['sentence'] {
  return problemCode ? { key: `problem.${problemCode}` } : { text: problem ?? '' };
}

function whileLive({ publisher, ingest, audience }: StudioFacts): StudioWords {
  switch (publisher.kind) {
    case 'reconnecting':
    case 'retrying':
    case 'connecting':
      return words('warn', 'live', 'reconnecting');
    case 'taken-over':
      return words('air', 'live', 'takenOver');
    case 'removed':
      return words('warn', 'live', 'removed');
    case 'off':
      return words('air', 'live', ingest?.state === 'publishing' ? 'live' : 'liveElsewhere', { count: audience });
    case 'connected':
      return words('air', 'live', 'live', { count: audience });
  }
}

function words(
  tone: StateTone,
  state: StudioWords['state'],
  key: SentenceKey,
  values?: Record<string, string | number>,
): StudioWords {
  return { tone, state, sentence: { key, values } };
}

/** The broadcast the studio is about: on air, else the one that is starting or open, else the newest of all. */
export function currentBroadcast(list: readonly OwnBroadcast[]): OwnBroadcast | null {
  const order = ['live', 'interrupted', 'ending', 'backstage', 'scheduled'] as const;
  for (const state of order) {
    const found = list.find((broadcast) => broadcast.state === state);
    if (found) return found;
  }
  return list[0] ?? null;
}

export function isOnAir(broadcast: Pick<OwnBroadcast, 'state'> | null): boolean {
  return broadcast?.state === 'live' || broadcast?.state === 'interrupted' || broadcast?.state === 'ending';
}

/** True while "End broadcast" makes sense: on air, or asked to start. */
export function canEnd(broadcast: OwnBroadcast | null): boolean {
  if (!broadcast) return false;
  return broadcast.state === 'live' || broadcast.state === 'interrupted' || isStarting(broadcast);
}

export function isStarting(broadcast: OwnBroadcast): boolean {
  return (broadcast.state === 'backstage' || broadcast.state === 'scheduled') && Boolean(broadcast.startRequestedAt);
}
