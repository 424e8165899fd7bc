import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Bucket } from './storage.ts';
import { TsOutput, type TsPlan } from './ts-output.ts';

const log = pino({ level: 'silent' });

async function setUp(change: Partial<TsPlan> = {}) {
  const objects = new Map<string, string>();
  const headers = new Map<string, Record<string, string>>();
  const state = { away: false, refuses: '' };
  const bucket: Bucket = {
    async put(key, bytes, head) {
      if (state.away || key === state.refuses) throw new Error('away');
      objects.set(key, bytes.toString());
      headers.set(key, head);
    },
    async get(key) {
      const text = objects.get(key);
      return text === undefined ? null : Buffer.from(text);
    },
  };
  const plan: TsPlan = {
    egressId: 'EG_one',
    prefix: 'shows/night/seg',
    suffix: 'index',
    segmentS: 4,
    playlists: { full: 'shows/night.m3u8', live: 'shows/night-live.m3u8' },
    storage: { endpoint: '', region: '', bucket: '', accessKey: '', secretKey: '', forcePathStyle: true },
    livekit: { apiSecret: 'a secret of this test' },
    spoolFolder: await mkdtemp(join(tmpdir(), 'openair-ts-')),
    ...change,
  };
  const open = (egressId = plan.egressId) => TsOutput.open({ ...plan, egressId }, Date.UTC(2026, 0, 1), bucket, log);
  return { objects, headers, state, open };
}

function send(output: TsOutput, from: number, count: number): void {
  for (let i = from; i < from + count; i++) {
    output.segment({ bytes: Buffer.from(`segment ${i}`), durationS: 4, startMs: i * 4000 });
  }
}
const uris = (text = '') => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('segments are numbered, the whole list is an event that ends, the live one slides', async () => {
  const { objects, headers, open } = await setUp();
  const output = await open();
  send(output, 0, 12);
  await output.end();
  expect(objects.get('shows/night/seg_00011.ts')).toBe('segment 11');
  expect(headers.get('shows/night/seg_00000.ts')?.['Content-Type']).toBe('video/mp2t');
  const full = objects.get('shows/night.m3u8') ?? '';
  expect(full).toContain('#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n');
  expect(full).toContain('#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n#EXTINF:4.00000,\nnight/seg_00001.ts\n');
  expect(full.endsWith('#EXT-X-ENDLIST\n')).toBe(true);
  const live = objects.get('shows/night-live.m3u8') ?? '';
  expect(live).toContain('#EXT-X-MEDIA-SEQUENCE:4\n');
  expect(uris(live)).toEqual(uris(full).slice(4));
  expect(output.totals).toEqual({
    count: 12,
    bytes: 'segment 0'.length * 10 + 'segment 10'.length * 2,
    durationMs: 48_000,
  });
});

test('a restarted engine goes on with the next number behind a discontinuity', async () => {
  const { objects, open } = await setUp();
  const first = await open();
  send(first, 0, 3);
  await first.leave(1000);
  const second = await open();
  send(second, 0, 2);
  await second.end();
  const full = objects.get('shows/night.m3u8') ?? '';
  expect(uris(full)).toEqual([0, 1, 2, 3, 4].map((n) => `night/seg_0000${n}.ts`));
  expect(full.indexOf('#EXT-X-DISCONTINUITY\n')).toBeGreaterThan(full.indexOf('seg_00002.ts'));
  expect(full.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
});

test('a restart while storage is away goes on with the next number, and what waited on disk is stored and listed', async () => {
  const { objects, state, open } = await setUp();
  const first = await open();
  send(first, 0, 2);
  await expect.poll(() => uris(objects.get('shows/night.m3u8'))).toHaveLength(2);
  state.away = true;
  send(first, 2, 8);
  await first.leave(1);
  const second = await open();
  expect(second.totals).toMatchObject({ count: 10, durationMs: 40_000 });
  send(second, 0, 1);
  state.away = false;
  await second.end();
  const full = objects.get('shows/night.m3u8') ?? '';
  expect(uris(full)).toHaveLength(11);
  expect(objects.get('shows/night/seg_00000.ts')).toBe('segment 0');
  expect(objects.get('shows/night/seg_00010.ts')).toBe('segment 0');
  // Six may be in memory alone when a process dies; what reached the disk is whole.
  const gaps = full.match(/#EXT-X-GAP\n/g)?.length ?? 0;
  expect(gaps).toBeLessThanOrEqual(6);
  const lines = full.split('\n');
  for (const uri of uris(full)) {
    const isGap = lines[lines.indexOf(uri) - 3] === '#EXT-X-GAP';
    expect({ uri, isThere: objects.has(`shows/${uri}`) }).toEqual({ uri, isThere: !isGap });
  }
});

test('another egress of the same name begins its own list', async () => {
  const { objects, open } = await setUp();
  const first = await open();
  send(first, 0, 3);
  await first.end();
  const second = await open('EG_two');
  send(second, 0, 1);
  await second.end();
  expect(uris(objects.get('shows/night.m3u8'))).toEqual(['night/seg_00000.ts']);
});

test('names carry the time where that was asked for', async () => {
  const { objects, open } = await setUp({ suffix: 'timestamp' });
  const output = await open();
  send(output, 1, 1);
  await output.end();
  expect(uris(objects.get('shows/night.m3u8'))).toEqual(['night/seg_20260101000004000.ts']);
});

test('no list names what storage has not taken', async () => {
  const { objects, state, open } = await setUp();
  const output = await open();
  send(output, 0, 1);
  await expect.poll(() => uris(objects.get('shows/night.m3u8'))).toEqual(['night/seg_00000.ts']);
  state.away = true;
  send(output, 1, 2);
  state.away = false;
  await output.end();
  expect(uris(objects.get('shows/night.m3u8'))).toHaveLength(3);
  for (const uri of uris(objects.get('shows/night.m3u8'))) expect(objects.has(`shows/${uri}`)).toBe(true);
});

test('a segment that is lost for ever is a gap in both lists', async () => {
  // No folder can be made under a file: the spool takes nothing.
  const { objects, state, open } = await setUp({ spoolFolder: import.meta.filename });
  state.refuses = 'shows/night/seg_00000.ts';
  const output = await open();
  send(output, 0, 1);
  await expect.poll(() => uris(objects.get('shows/night.m3u8'))).toHaveLength(1);
  send(output, 1, 1);
  await output.end();
  for (const name of ['shows/night.m3u8', 'shows/night-live.m3u8']) {
    expect(objects.get(name)).toContain('#EXT-X-VERSION:8\n');
    expect(objects.get(name)?.match(/#EXT-X-GAP\n/g)).toHaveLength(1);
  }
});
