import { type ChildProcess, spawn } from 'node:child_process';
import pino from 'pino';
import { afterAll, expect, test, vi } from 'vitest';
import type { SignalHealth } from '#core/ingest/signal-health';
import { childEnvironment } from '../config.ts';
import { FlvStream } from '../pull/flv-stream.ts';
import { Recorders } from '../record/recorders.ts';
import type { Publisher } from '../rtmp/publisher.ts';
import { sampleTarget } from '../service/testing/sample-target.ts';
import { LiveIngests } from './live-ingests.ts';
import { MediaChildren } from './media-child.ts';
import { Occupancy } from './occupancy.ts';

/** A worker's ingests with their real media processes and a real encoder's pictures; needs ffmpeg, and no install. */
const children = new MediaChildren(childEnvironment(), () => undefined);
const running: ChildProcess[] = [];
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const one of running) one.kill('SIGKILL');
  for (const close of closing) await close();
  await children.close();
});

const WITHIN = { timeout: 30_000, interval: 50 };

function start() {
  const log = pino({ level: 'silent' });
  const asked: number[] = [];
  const answer = { refusal: 'this server has no processor left', upTo: 0 };
  const healths = new Map<string, SignalHealth>();
  const ingests = new LiveIngests({
    keys: { resolve: async () => 'unknown', close: () => undefined },
    reports: {
      report: () => undefined,
      health: (of, health) => void healths.set(of.ingressId, health),
      told: async () => undefined,
      flush: async () => undefined,
      close: () => undefined,
    },
    commands: { serve: async () => async () => undefined, close: async () => undefined },
    rooms: {
      // Nobody there: what is decided does not wait for the room.
      serverUrl: 'ws://127.0.0.1:9',
      whipUrl: 'http://127.0.0.1:9/whip/v1',
      makeJoinToken: async () => 'token',
      getPresence: async () => null,
      getRoomId: async () => null,
    },
    children,
    recorders: new Recorders({ desk: { note: async () => 'closed', piece: async () => 'closed' }, log }),
    occupancy: new Occupancy(),
    log,
    heldUp: { totalMs: () => 0 },
    graceMs: 0,
    maxIngests: 10,
    admission: {
      ask(cores) {
        asked.push(cores);
        return cores <= answer.upTo ? '' : answer.refusal;
      },
    },
  });
  closing.push(() => ingests.close());
  return { ingests, asked, answer, healths };
}

/** ffmpeg's pictures go to the ingest as they come. */
function encode(ingests: LiveIngests, ingressId: string, extra: string[]): void {
  const publisher: Publisher = {
    address: '127.0.0.1',
    agent: 'ffmpeg',
    end: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
  };
  const joined = ingests.join(sampleTarget({ ingressId }), 'rtmp', publisher, 'primary');
  if (!joined.ok) throw new Error(joined.sentence);
  const input = '-hide_banner -loglevel error -re -f lavfi -i testsrc2=size=320x180:rate=30 -t 60'.split(' ');
  const codecs = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', ...extra, '-f', 'flv', 'pipe:1'];
  const child = spawn('ffmpeg', [...input, ...codecs], { stdio: ['ignore', 'pipe', 'ignore'] });
  running.push(child);
  const flv = new FlvStream((type, timestampMs, body) => joined.taker.onTag(type, timestampMs, body));
  child.stdout.on('data', (bytes: Buffer) => flv.push(bytes));
}

test('a transcode that finds no processor does not begin, and says so; copied streams go on; it begins when there is some', async () => {
  const { ingests, asked, answer, healths } = start();
  encode(ingests, 'IN_copied', ['-tune', 'zerolatency', '-g', '30']);
  await vi.waitUntil(() => healths.get('IN_copied')?.mode === 'copy', WITHIN);
  expect(asked).toEqual([]);
  encode(ingests, 'IN_b', ['-bf', '2', '-g', '30']);
  const noted = await vi.waitUntil(
    () => healths.get('IN_b')?.notes.find((note) => note.id === 'no-processor')?.sentence,
    WITHIN,
  );
  expect(noted).toContain('There is no picture: this server has no processor left. It begins by itself');
  expect(healths.get('IN_b')?.mode).toBeNull();
  expect(asked[0]).toBeGreaterThan(0.05);
  expect(healths.get('IN_copied')).toMatchObject({ mode: 'copy', droppedPictures: 0 });
  answer.refusal = '';
  await vi.waitUntil(() => healths.get('IN_b')?.mode === 'transcode', WITHIN);
  expect(healths.get('IN_b')?.notes.map(({ id }) => id)).not.toContain('no-processor');
}, 60_000);

test('an ingress that asks for an encoding of its own is refused at the door, before any process works for it', () => {
  const { ingests } = start();
  const publisher = { address: '', agent: '', end: vi.fn(), pause: vi.fn(), resume: vi.fn() };
  const video = { width: 1280, height: 720, fps: 30, bitrateKbps: 1_900, profile: 'baseline' as const, layers: [] };
  const wished = sampleTarget({ ingressId: 'IN_wish', wishes: { video, audio: null } });
  const answer = ingests.join(wished, 'rtmp', publisher, 'primary');
  expect(answer).toMatchObject({
    ok: false,
    sentence: 'The picture has to be transcoded, and this server has no processor left. Try again later.',
  });
  expect(ingests.list()).toEqual([]);
});

test('an ingress that asks for more sizes than there is processor for is sent in the largest alone', () => {
  const { ingests, answer, asked } = start();
  answer.upTo = 0.5;
  const publisher = { address: '', agent: '', end: vi.fn(), pause: vi.fn(), resume: vi.fn() };
  const layers = [{ width: 640, height: 360, bitrateKbps: 700 }];
  const video = { width: 1280, height: 720, fps: 30, bitrateKbps: 1_900, profile: 'baseline' as const, layers };
  const wished = sampleTarget({ ingressId: 'IN_sizes', wishes: { video, audio: null } });
  expect(ingests.join(wished, 'rtmp', publisher, 'primary')).toMatchObject({ ok: true });
  expect(ingests.list().map(({ target }) => target.wishes.video)).toEqual([{ ...video, layers: [] }]);
  expect(asked).toHaveLength(2);
  expect(asked[0]).toBeGreaterThan(asked[1] ?? 0);
});
