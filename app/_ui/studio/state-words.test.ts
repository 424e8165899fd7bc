import { expect, test } from 'vitest';
import { BROADCAST_STATES, END_REASONS } from '#core/broadcast/broadcast';
import { PROBLEM_CODES, PROBLEMS, problemCode } from '#core/broadcast/problems';
import messagesDe from '../messages/de/studio.json';
import messagesEn from '../messages/en/studio.json';
import type { OwnBroadcast } from './calls.ts';
import { canEnd, currentBroadcast, SLOW_START_MS, type StudioFacts, studioWords } from './state-words.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');

function broadcast(over: Partial<OwnBroadcast> = {}): OwnBroadcast {
  return {
    id: 'br_1',
    channel: { id: 'ch_1', handle: 'demo', name: 'Demo' },
    title: 'Show',
    description: '',
    visibility: 'public',
    state: 'backstage',
    endReason: null,
    startsAt: null,
    startedAt: null,
    endedAt: null,
    playbackId: 'pb_1',
    watchUrl: 'http://x/demo',
    playback: { hls: 'http://x/i.m3u8', dash: null },
    audience: 0,
    peakAudience: 0,
    hasRecording: false,
    ...over,
  };
}

function facts(over: Partial<StudioFacts> = {}): StudioFacts {
  return { broadcast: null, publisher: { kind: 'off' }, ingest: null, step: 'idle', audience: 0, nowMs: NOW, ...over };
}

test('live is said only when the broadcast says so', () => {
  const connected = { kind: 'connected' } as const;
  for (const state of BROADCAST_STATES) {
    const words = studioWords(
      facts({ broadcast: broadcast({ state, endReason: 'host-ended' }), publisher: connected, step: 'starting' }),
    );
    expect(words.state === 'live').toBe(state === 'live');
    expect(words.tone === 'air').toBe(state === 'live');
  }
});

test('a start that drags on says so, and a problem from the server goes before our own words', () => {
  const asked = (ms: number) => broadcast({ startRequestedAt: new Date(NOW - ms).toISOString() });
  expect(studioWords(facts({ broadcast: asked(1000) })).sentence).toMatchObject({ key: 'starting' });
  expect(studioWords(facts({ broadcast: asked(SLOW_START_MS + 1) })).sentence).toMatchObject({ key: 'startingSlow' });
  const failed = broadcast({ startRequestedAt: new Date(NOW).toISOString(), problem: 'No worker has room.' });
  expect(studioWords(facts({ broadcast: failed })).sentence).toEqual({ text: 'No worker has room.' });
});

test('while live, a lost camera connection is told without taking the show off air', () => {
  const live = broadcast({ state: 'live' });
  const words = studioWords(facts({ broadcast: live, publisher: { kind: 'retrying', attempt: 3 } }));
  expect(words).toMatchObject({ state: 'live', tone: 'warn', sentence: { key: 'reconnecting' } });
  const encoder = studioWords(
    facts({ broadcast: live, ingest: { state: 'publishing', protocol: 'rtmp', sentence: '', atMs: NOW }, audience: 3 }),
  );
  expect(encoder.sentence).toEqual({ key: 'live', values: { count: 3 } });
});

test('every state and every reason has words in both languages', () => {
  const sentences = (messages: { sentence: object }) => Object.keys(messages.sentence);
  for (const endReason of END_REASONS) {
    const { sentence } = studioWords(facts({ broadcast: broadcast({ state: 'ended', endReason }) }));
    expect('key' in sentence && sentences(messagesEn).includes(sentence.key)).toBe(true);
    expect('key' in sentence && sentences(messagesDe).includes(sentence.key)).toBe(true);
  }
});

test('every problem that the server keeps has words in both languages', () => {
  for (const code of PROBLEM_CODES) {
    expect(problemCode(PROBLEMS[code])).toBe(code);
    const troubled = broadcast({ state: 'interrupted', problem: PROBLEMS[code], problemCode: code });
    expect(studioWords(facts({ broadcast: troubled })).sentence).toEqual({ key: `problem.${code}` });
    for (const { sentence } of [messagesEn, messagesDe]) expect(sentence.problem[code].length).toBeGreaterThan(10);
  }
  expect(problemCode('Something new.')).toBeNull();
});

test('the studio is about what is on air before what is prepared, and about the newest when all is over', () => {
  const list = [
    broadcast({ id: 'br_3', state: 'scheduled' }),
    broadcast({ id: 'br_2', state: 'interrupted' }),
    broadcast({ id: 'br_1', state: 'ended' }),
  ];
  expect(currentBroadcast(list)?.id).toBe('br_2');
  expect(currentBroadcast([broadcast({ id: 'br_9', state: 'ended' })])?.id).toBe('br_9');
  expect(currentBroadcast([])).toBeNull();
});

test('a broadcast can be ended while on air or starting, not before and not after', () => {
  expect(canEnd(broadcast())).toBe(false);
  expect(canEnd(broadcast({ startRequestedAt: new Date(NOW).toISOString() }))).toBe(true);
  expect(canEnd(broadcast({ state: 'live' }))).toBe(true);
  expect(canEnd(broadcast({ state: 'ending' }))).toBe(false);
  expect(canEnd(broadcast({ state: 'ended' }))).toBe(false);
});
