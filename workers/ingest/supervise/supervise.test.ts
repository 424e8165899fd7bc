import { expect, test, vi } from 'vitest';
import { readConfig } from '../config.ts';
import type { StreamFacts } from '../publish/wire.ts';
import { IN_USE, Occupancy, TAKEOVER_EVERY_MS, TOO_SOON } from './occupancy.ts';
import { watchPresence } from './presence.ts';
import { describeStream, nameEncoder } from './sentences.ts';
import { SequenceHeaders } from './sequence-headers.ts';

const facts: StreamFacts = {
  video: {
    codec: 'H.264',
    profile: 'High',
    width: 1280,
    height: 720,
    fps: 29.97,
    bitrateKbps: 3_140,
    keyIntervalMs: 2_000,
  },
  audio: { codec: 'AAC', channels: 2, sampleRate: 48_000, bitrateKbps: 160, peakDb: -9, rmsDb: -20, tracks: 1 },
  mode: 'copy',
  reason: '',
  advice: '',
  lacksProcessor: false,
  encoder: 'obs-output module (libobs version 29.0.2)',
  fpsTold: 30,
  fpsSeen: 30,
  droppedPictures: 0,
  lateTags: 0,
  lagMs: 4,
  lateMs: 20,
  heldUpMs: 0,
  cores: 0.07,
};

test('a stream is described in a sentence, with what to mend', () => {
  expect(describeStream(nameEncoder(facts.encoder), facts)).toBe(
    'OBS is connected: 1280x720, 30 fps, 3.1 Mbit/s, copied.',
  );
  const heavy = {
    ...facts,
    audio: null,
    mode: 'transcode' as const,
    reason: 'it has B-frames',
    advice: 'Set B-frames to 0.',
  };
  expect(describeStream('ffmpeg', heavy)).toBe(
    'ffmpeg is connected: 1280x720, 30 fps, 3.1 Mbit/s, transcoded because it has B-frames, no sound. Set B-frames to 0.',
  );
  expect(nameEncoder('', 'FMLE/3.0 (compatible; Lavf59.27.100)')).toBe('ffmpeg');
  expect(nameEncoder('', 'something')).toBe('Your encoder');
});

test('the latest encoder wins, once in ten seconds; a dead one is no take-over', () => {
  let now = 0;
  const occupancy = new Occupancy(() => now);
  const holder = (alive = true) => ({ isAlive: () => alive, end: vi.fn() });
  const [one, two, three] = [holder(), holder(), holder()];
  expect(occupancy.take('IN', one)).toBeNull();
  expect(occupancy.take('IN', two)).toBeNull();
  expect(one.end).toHaveBeenCalledOnce();
  now = TAKEOVER_EVERY_MS - 1;
  expect(occupancy.take('IN', three)).toBe(TOO_SOON);
  expect(two.end).not.toHaveBeenCalled();
  now = TAKEOVER_EVERY_MS;
  expect(occupancy.take('IN', three)).toBeNull();
  const dead = holder(false);
  expect(occupancy.take('OTHER', dead)).toBeNull();
  expect(occupancy.take('OTHER', one)).toBeNull();
  expect(occupancy.take('OTHER', one)).toBeNull();
  occupancy.release('OTHER', two);
  expect(occupancy.take('OTHER', three)).toBe(TOO_SOON);
});

test('a channel that refuses a second encoder keeps the first until that is gone', () => {
  const occupancy = new Occupancy(() => 0);
  let isAlive = true;
  const first = { isAlive: () => isAlive, end: vi.fn() };
  const second = { isAlive: () => true, end: vi.fn() };
  const rule = { secondEncoder: 'refuse' as const };
  expect(occupancy.take('IN', first, rule)).toBeNull();
  expect(occupancy.take('IN', second, rule)).toBe(IN_USE);
  expect(first.end).not.toHaveBeenCalled();
  expect(occupancy.take('IN', first, { ...rule, isSharing: true })).toBeNull();
  isAlive = false;
  expect(occupancy.take('IN', second, rule)).toBeNull();
});

test('a participant is lost after two misses, not when the API is silent', async () => {
  const answers = ['seen', 'none', 'error', 'none', 'none'];
  const onLost = vi.fn();
  let looked = 0;
  const stop = watchPresence({
    look: async () => {
      const answer = answers[looked] ?? 'seen';
      looked += 1;
      if (answer === 'error') throw new Error('LiveKit is away');
      return answer === 'seen' ? { sid: 'PA', tracks: [] } : null;
    },
    isExpected: () => true,
    onLost: () => onLost(looked),
    everyMs: 5,
  });
  await vi.waitFor(() => expect(looked).toBeGreaterThan(6));
  stop();
  expect(onLost).toHaveBeenCalledOnce();
  expect(onLost).toHaveBeenCalledWith(5);
});

test('only the newest sequence headers are kept for a child that replaces a crashed one', () => {
  const headers = new SequenceHeaders();
  headers.observe(9, 0, Buffer.from([0x17, 0, 0, 0, 0, 1]));
  headers.observe(9, 40, Buffer.from([0x17, 1, 0, 0, 0, 1]));
  headers.observe(9, 80, Buffer.from([0x17, 0, 0, 0, 0, 2]));
  headers.observe(8, 80, Buffer.from([0xaf, 0, 3]));
  headers.observe(8, 90, Buffer.from([0xaf, 1, 3]));
  expect(headers.all().map((one) => [...one.body])).toEqual([
    [0x17, 0, 0, 0, 0, 2],
    [0xaf, 0, 3],
  ]);
});

test('every problem of the configuration is named at once', () => {
  const problem = () => readConfig({ LIVEKIT_URL: 'nonsense', INGEST_RTMP_PORT: '99999' });
  expect(problem).toThrow(/LIVEKIT_URL: must be an http/);
  expect(problem).toThrow(/LIVEKIT_API_SECRET: is missing/);
  expect(problem).toThrow(/INGEST_RTMP_PORT/);
  expect(problem).toThrow(/REDIS_URL: is missing/);
});
