import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { FeedEntry, IndexEntry } from '#core/playback/live-feed';
import { SegmentsOutput } from './segments.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function open(lease: { isFresh: boolean; ask?: Promise<boolean> }) {
  const stored: string[] = [];
  const indexes: IndexEntry[][] = [];
  const entries: FeedEntry[] = [];
  const feed = {
    append: (_rendition: string, entry: FeedEntry) => void entries.push(entry),
    appendIndex() {},
    putInit() {},
    isLeaseFresh: () => lease.isFresh,
    askLease: () => lease.ask ?? Promise.resolve(true),
  };
  const storage = {
    put: (key: string) => void stored.push(key),
    replace: (_key: string, bytes: Buffer) => void indexes.push(JSON.parse(bytes.toString()).segments),
  };
  const output = new SegmentsOutput({ feed, storage, prefix: 'media/pb_1/', epoch: 2, log: pino({ level: 'silent' }) });
  closers.push(() => output.close());
  output.addRendition({ id: '720p', kind: 'video', codecs: 'avc1.4d401f', bandwidth: 1 }, Buffer.from('init'), []);
  const segment = (msn: number) =>
    output.segment({
      rendition: '720p',
      msn,
      parts: 5,
      d: 90_000,
      w: msn * 1000,
      discontinuity: false,
      bytes: Buffer.from('s'),
    });
  return { output, segment, stored, indexes, entries };
}

test('an end waits for the word on segments of which it is not known whether they are still ours', async () => {
  let answer: (ours: boolean) => void = () => undefined;
  const ask = new Promise<boolean>((resolve) => {
    answer = resolve;
  });
  const { output, segment, stored } = open({ isFresh: false, ask });
  segment(7);
  output.end();
  const over = output.handedOver();
  expect(stored).toEqual([]);
  answer(true);
  await over;
  expect(stored).toEqual(['media/pb_1/720p/7.m4s']);
});

test('R-5: a segment that is another writer’s by now is not stored', async () => {
  const { output, segment, stored } = open({ isFresh: false, ask: Promise.resolve(false) });
  segment(7);
  await output.handedOver();
  expect(stored).toEqual([]);
});

test('what a dead writer left stands in its place in the index, however late it is found', () => {
  const { output, segment, indexes } = open({ isFresh: true });
  segment(9);
  const left = { m: 8, e: 1, d: 30_000, w: 8000, x: false, parts: 2, bytes: Buffer.from('half'), closed: false };
  const renditions = new Map([['720p', { rows: [], unstored: [left] }]]);
  output.adopt({ startedAtMs: 0, lastMsn: 8, lastEndMs: 8333, renditions });
  output.end();
  expect(indexes.at(-1)?.map(({ m, e }) => [m, e])).toEqual([
    [8, 1],
    [9, 2],
  ]);
});
