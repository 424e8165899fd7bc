import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sampleTarget } from '../service/testing/sample-target.ts';
import type { LiveIngest } from '../supervise/live-ingest.ts';
import { Pull, type PullDeps } from './pull.ts';
import { readPullUrl } from './pull-url.ts';
import type { SourceEnd } from './source/messages.ts';
import type { SourceEvents } from './source-process.ts';
import { ForbiddenTarget } from './target-guard.ts';

const TARGET = sampleTarget({ channelId: null, source: 'livekit' });
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A pull whose sources are played by the test. */
function start(forbidden: string | null = null) {
  const opened: (SourceEvents & { closed: boolean; refusal: string | null })[] = [];
  const told: string[] = [];
  const ended: Parameters<LiveIngest['end']>[1][] = [];
  const tags: number[] = [];
  const anew = vi.fn();
  let stop: (reason: string) => void = () => undefined;
  const ingest = {
    tellWaiting: (sentence: string) => told.push(sentence),
    beginAnew: anew,
    end: (_reason: string, last: Parameters<LiveIngest['end']>[1]) => ended.push(last),
  } as unknown as LiveIngest;
  const deps = {
    ingests: {
      join: (_target, _protocol, publisher) => {
        stop = publisher.end;
        const taker = { onTag: (type: number) => void tags.push(type), onGone: () => undefined };
        return { ok: true, ingressId: 'IN_1', ingest, taker };
      },
    },
    guard: { resolve: async () => '93.184.216.34' },
    log: pino({ level: 'silent' }),
    processes: null as never,
    open: async (_from, _guard, events) => {
      if (forbidden) throw new ForbiddenTarget(forbidden);
      const one = { ...events, closed: false, refusal: null as string | null };
      opened.push(one);
      return {
        process: { pause: () => undefined, resume: () => undefined } as never,
        refusal: () => one.refusal,
        close: () => {
          one.closed = true;
        },
      };
    },
  } satisfies PullDeps;
  const from = readPullUrl('https://example.org/a.m3u8');
  if (typeof from === 'string') throw new Error(from);
  new Pull(TARGET, from, deps).begin();
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const last = () => opened.at(-1) ?? Promise.reject(new Error('nothing was opened'));
  const over = async (end: SourceEnd) => {
    (await last()).onOver(end);
    await settle();
  };
  const media = async () => (await last()).onTag(9, 0, Buffer.alloc(1));
  return { opened, told, ended, tags, anew, settle, over, media, stop: (reason: string) => stop(reason) };
}

test('a source that comes to its end completes the ingress', async () => {
  const run = start();
  await run.settle();
  await run.media();
  await run.over('finished');
  expect(run.ended).toMatchObject([{ state: 'idle', isComplete: true }]);
  expect(run.opened[0]?.closed).toBe(true);
});

test('one that is lost after it played is asked again, with growing pauses that are told, on a clock that begins anew', async () => {
  const run = start();
  await run.settle();
  await run.media();
  await run.over('lost');
  expect(run.told.at(-1)).toBe('The connection to the source was lost. It is tried again in 1 s.');
  await vi.advanceTimersByTimeAsync(999);
  expect(run.opened).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(run.opened).toHaveLength(2);
  expect(run.anew).toHaveBeenCalledOnce();
  await run.over('refused');
  await vi.advanceTimersByTimeAsync(1_000);
  await run.over('refused');
  expect(run.told.at(-1)).toMatch(/again in 2 s/);
  await vi.advanceTimersByTimeAsync(2_000);
  await run.media();
  await run.over('lost');
  expect(run.told.at(-1)).toMatch(/again in 1 s/);
  expect(run.ended).toEqual([]);
});

test('one that never plays is given up after five tries, in words', async () => {
  const run = start();
  for (const pauseMs of [0, 1_000, 2_000, 4_000, 8_000]) {
    await vi.advanceTimersByTimeAsync(pauseMs);
    await run.over('not-found');
  }
  const error = 'There is nothing at this address (404).';
  expect(run.ended).toEqual([{ state: 'failed', sentence: error, error }]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(run.opened).toHaveLength(5);
});

test('one that stops sending is closed and asked again', async () => {
  const run = start();
  await run.settle();
  await run.media();
  await vi.advanceTimersByTimeAsync(14_500);
  expect(run.opened[0]?.closed).toBe(true);
  expect(run.opened).toHaveLength(2);
});

test('an address that leads inward is not tried again', async () => {
  const run = start('This address is not public.');
  await run.settle();
  expect(run.ended).toMatchObject([{ state: 'failed', error: 'This address is not public.' }]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(run.opened).toEqual([]);
});

test('a redirect inward ends it for good, whatever the process says of it', async () => {
  const run = start();
  await run.settle();
  const one = run.opened[0];
  if (!one) throw new Error('nothing was opened');
  one.refusal = 'This address is not public.';
  await run.over('forbidden');
  expect(run.ended).toMatchObject([{ state: 'failed', error: 'This address is not public.' }]);
});

test('an ingress that is deleted ends its process and is never asked again', async () => {
  const run = start();
  await run.settle();
  await run.media();
  run.stop('the ingress was deleted');
  expect(run.opened[0]?.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(run.opened).toHaveLength(1);
});
