import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EgressSeen } from '#core/egress/egress-runner';
import type { FeedRecord } from '#core/playback/live-feed';
import { Program, Scene } from '#core/scene/scene';
import { transition } from '#core/shared/transition';
import { BROADCAST_STATES, type BroadcastFact, nextBroadcastState } from './broadcast.ts';
import type { BroadcastRecord } from './broadcast-store.ts';
import { decideBroadcast, type Observation } from './decide-broadcast.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const SETTINGS = { reconnectWindowS: 120 };

function record(patch: Partial<BroadcastRecord> = {}): BroadcastRecord {
  return {
    id: 'br_1',
    channelId: 'ch_1',
    title: 't',
    description: '',
    visibility: 'public',
    state: 'backstage',
    endReason: null,
    playbackId: 'pb_1',
    latency: 'low',
    autoStart: false,
    openOnSlate: false,
    scene: Scene.parse({}),
    program: Program.parse({}),
    grantEpoch: 0,
    passwordHash: null,
    startsAt: null,
    startRequestedAt: ago(5_000),
    startedAt: null,
    interruptedAt: null,
    endedAt: null,
    egressId: null,
    egressAttempts: 0,
    egressRetryAt: null,
    problem: null,
    peakAudience: 0,
    hasRecording: false,
    version: 1,
    createdAt: ago(60_000),
    ...patch,
  };
}
function feed(patch: Partial<FeedRecord> = {}): FeedRecord {
  return {
    state: 'active',
    shows: 'source',
    epoch: 1,
    writer: 'w',
    egressId: 'EG_1',
    partMs: 213.34,
    segmentMs: 1000,
    startedAtMs: NOW.getTime() - 10_000,
    lastPartAtMs: NOW.getTime() - 100,
    renditions: [],
    pushes: [],
    ...patch,
  };
}
const egress = (patch: Partial<EgressSeen> = {}): EgressSeen => ({
  egressId: 'EG_1',
  channelId: 'ch_1',
  playbackId: 'pb_1',
  state: 'active',
  error: null,
  startedAt: ago(60_000),
  ...patch,
});
const seen = (patch: Partial<Observation> = {}): Observation => ({
  now: NOW,
  room: { publishers: 1 },
  egresses: [egress()],
  feed: feed(),
  ...patch,
});
const facts = (one: BroadcastRecord, what: Observation) =>
  decideBroadcast(one, what, SETTINGS).flatMap((step) => (step.do === 'fact' ? [step.fact] : []));
const steps = (one: BroadcastRecord, what: Observation) => decideBroadcast(one, what, SETTINGS).map((step) => step.do);

describe('what the reconciler decides', () => {
  test('a wish without an egress starts one, and not before its next try', () => {
    const none = seen({ egresses: [], feed: null });
    expect(steps(record(), none)).toEqual(['start-egress']);
    expect(steps(record({ egressRetryAt: new Date(NOW.getTime() + 5_000) }), none)).toEqual([]);
  });
  test('a part that shows a source makes it live; the slate alone does not, unless the host chose so', () => {
    expect(facts(record(), seen())).toEqual(['source-seen']);
    expect(facts(record(), seen({ feed: feed({ shows: 'slate' }) }))).toEqual([]);
    expect(facts(record({ openOnSlate: true }), seen({ feed: feed({ shows: 'slate' }) }))).toEqual(['source-seen']);
  });
  test('a source that goes makes it interrupted, one that comes back makes it live', () => {
    expect(facts(record({ state: 'live' }), seen({ feed: feed({ shows: 'slate' }) }))).toEqual(['sources-lost']);
    expect(facts(record({ state: 'live' }), seen({ feed: feed({ lastPartAtMs: NOW.getTime() - 4_000 }) }))).toEqual([
      'sources-lost',
    ]);
    expect(facts(record({ state: 'interrupted', interruptedAt: ago(3_000) }), seen())).toEqual(['source-back']);
  });
  test('a host who stays away past the window ends it as host-lost (R-33)', () => {
    const away = seen({ feed: feed({ shows: 'slate' }), room: { publishers: 0 } });
    expect(facts(record({ state: 'interrupted', interruptedAt: ago(119_000), egressId: 'EG_1' }), away)).toEqual([]);
    expect(decideBroadcast(record({ state: 'interrupted', interruptedAt: ago(121_000) }), away, SETTINGS)).toEqual([
      { do: 'fact', fact: 'grace-over', patch: { endReason: 'host-lost' } },
    ]);
  });
  test('a running egress that the record does not know is adopted, a second one is stopped (R-7)', () => {
    const two = seen({ egresses: [egress({ egressId: 'EG_0' }), egress()] });
    expect(decideBroadcast(record({ state: 'live' }), two, SETTINGS)).toEqual([
      { do: 'adopt-egress', egressId: 'EG_1' },
      { do: 'stop-egress', egressId: 'EG_0' },
    ]);
  });
  test('an egress that LiveKit calls active but that is silent for 30 s is replaced', () => {
    const dead = seen({ feed: feed({ lastPartAtMs: NOW.getTime() - 31_000 }) });
    const one = record({ state: 'interrupted', interruptedAt: ago(10_000), egressId: 'EG_1' });
    expect(steps(one, dead)).toEqual(['start-egress', 'stop-egress']);
  });
  test('an engine whose record LiveKit lost goes on: its parts are the proof', () => {
    expect(steps(record({ state: 'live', egressId: 'EG_1' }), seen({ egresses: [] }))).toEqual([]);
  });
  test('a room that is gone is opened again before anything else, and an egress that went with it is started in the same look (R-22)', () => {
    const one = record({ state: 'live', egressId: 'EG_1' });
    expect(steps(one, seen({ room: null }))).toEqual(['open-room']);
    const gone = seen({ room: null, egresses: [], feed: null });
    expect(steps(one, gone)).toEqual(['open-room', 'start-egress']);
  });
  test('a cancelled or ended one has its egress stopped', () => {
    expect(steps(record({ state: 'ended' }), seen())).toEqual(['stop-egress']);
    expect(steps(record({ startRequestedAt: null }), seen())).toEqual(['stop-egress']);
  });
  test('ending is over when the feed says so, or when nothing runs and nothing comes', () => {
    expect(facts(record({ state: 'ending' }), seen({ feed: feed({ state: 'ended' }) }))).toEqual(['outputs-closed']);
    expect(steps(record({ state: 'ending' }), seen())).toEqual(['stop-egress']);
    expect(facts(record({ state: 'ending' }), seen({ egresses: [], feed: null }))).toEqual(['outputs-closed']);
  });
  test('what could not be asked decides nothing', () => {
    for (const state of BROADCAST_STATES) {
      const blind = seen({ room: 'unknown', egresses: 'unknown', feed: 'unknown' });
      expect(steps(record({ state, interruptedAt: ago(999_000) }), blind)).toEqual([]);
    }
  });
});

const anyObservation = fc.record({
  now: fc.constant(NOW),
  room: fc.constantFrom({ publishers: 0 }, { publishers: 1 }, null, 'unknown' as const),
  egresses: fc.oneof(
    fc.constant('unknown' as const),
    fc.array(
      fc
        .record({
          egressId: fc.constantFrom('EG_1', 'EG_2', 'EG_3'),
          state: fc.constantFrom('starting', 'active', 'ending', 'complete', 'failed'),
          startedAt: fc.constantFrom(null, ago(1_000), ago(100_000)),
        })
        .map((patch) => egress(patch as Partial<EgressSeen>)),
      { maxLength: 3 },
    ),
  ),
  feed: fc.oneof(
    fc.constantFrom(null, 'unknown' as const),
    fc
      .record({
        state: fc.constantFrom('starting', 'active', 'ended'),
        shows: fc.constantFrom('slate', 'source'),
        lastPartAtMs: fc
          .constantFrom(0, 100, 4_000, 20_000, 60_000)
          .map((age) => (age === 0 ? 0 : NOW.getTime() - age)),
      })
      .map((patch) => feed(patch as Partial<FeedRecord>)),
  ),
});
const anyRecord = fc
  .record({
    state: fc.constantFrom(...BROADCAST_STATES),
    openOnSlate: fc.boolean(),
    startRequestedAt: fc.constantFrom(null, ago(5_000), ago(7_200_000)),
    interruptedAt: fc.constantFrom(null, ago(1_000), ago(500_000)),
    egressId: fc.constantFrom(null, 'EG_1', 'EG_2'),
    egressAttempts: fc.integer({ min: 0, max: 12 }),
    egressRetryAt: fc.constantFrom(null, ago(60_000), new Date(NOW.getTime() + 10_000)),
  })
  .map((patch) => record(patch));

test('whatever is seen: every fact it decides moves the state, an ended one stays ended, at most one egress is started', () => {
  fc.assert(
    fc.property(anyRecord, anyObservation, (one, what) => {
      const decided = decideBroadcast(one, what as Observation, SETTINGS);
      for (const step of decided) {
        if (step.do === 'fact') expect(transition(nextBroadcastState, one.state, step.fact)).not.toBeNull();
        if (step.do === 'start-egress' || step.do === 'open-room') expect(one.startRequestedAt).not.toBeNull();
      }
      if (one.state === 'ended') expect(decided.every((step) => step.do === 'stop-egress')).toBe(true);
      expect(decided.filter((step) => step.do === 'start-egress').length).toBeLessThanOrEqual(1);
      const stopped = decided.flatMap((step) => (step.do === 'stop-egress' ? [step.egressId] : []));
      const adopted = decided.flatMap((step) => (step.do === 'adopt-egress' ? [step.egressId] : []));
      expect(stopped.filter((id) => adopted.includes(id)).length).toBe(0);
    }),
    { numRuns: 2000 },
  );
});

test('facts in any order, twice and late: no fact throws and the end is final', () => {
  const anyFact = fc.constantFrom<BroadcastFact>(
    'room-open',
    'source-seen',
    'sources-lost',
    'source-back',
    'end-asked',
    'grace-over',
    'outputs-closed',
    'egress-failed',
    'cancelled',
  );
  fc.assert(
    fc.property(fc.constantFrom(...BROADCAST_STATES), fc.array(anyFact, { maxLength: 30 }), (from, list) => {
      let state = from;
      for (const fact of list) {
        const next = transition(nextBroadcastState, state, fact);
        if (state === 'ended') expect(next).toBeNull();
        state = next ?? state;
      }
      expect(BROADCAST_STATES).toContain(state);
    }),
  );
});
