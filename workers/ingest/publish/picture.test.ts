import { expect, test, vi } from 'vitest';
import type { Decision } from './decide.ts';
import type { VideoTag } from './flv.ts';
import { PicturePath } from './picture.ts';
import { TranscodeLeave } from './transcode-leave.ts';

/** Baseline 640x360 and 320x240, as x264 writes them; the pictures are hulls that nobody decodes as long as they are copied. */
const SPS = Buffer.from('6742c01eda0280bfe5c044000003000400000300f03c58ba80', 'hex');
const SPS_SMALL = Buffer.from('6742c00dda0507ec0440000003004000000f03c50aa8', 'hex');
const PPS = Buffer.from('68ce0fc8', 'hex');

function avcc(sps: Buffer): Buffer {
  const head = Buffer.from([1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1, 0, sps.length]);
  return Buffer.concat([head, sps, Buffer.from([1, 0, PPS.length]), PPS]);
}
const nal = (type: number) => Buffer.from([0, 0, 0, 4, type, 1, 2, 3]);
const tag = (more: Partial<VideoTag>): VideoTag => ({
  codec: 'h264',
  codecName: 'H.264',
  kind: 'frame',
  isKey: false,
  compositionMs: 0,
  track: 0,
  data: nal(0x41),
  ...more,
});
const config = (sps = SPS) => tag({ kind: 'config', isKey: true, data: avcc(sps) });

/** @param refusal what the worker answers; null lets the question wait */
function start(isBusy = false, refusal: { is: string | null } = { is: '' }) {
  const sent: { ptsMs: number; isKey: boolean }[] = [];
  let announced = 0;
  const decisions: Decision[] = [];
  let asked = 0;
  let nowMs = 0;
  const leave: TranscodeLeave = new TranscodeLeave(
    () => {
      asked += 1;
      const { is } = refusal;
      if (is !== null) leave.answer(is);
    },
    () => nowMs,
  );
  const path = new PicturePath({
    leave,
    write: (data, ptsMs, isKey) => {
      // Supplemental information alone is nothing to show.
      if ((data.readUInt8(4) & 0x1f) === 6) announced += 1;
      else sent.push({ ptsMs, isKey });
    },
    log: vi.fn(),
    fps: () => 30,
    onDecision: (decision) => decisions.push(decision),
    isBusy: () => isBusy,
    wish: null,
  });
  /** @param lateMs how late this machine was with it */
  const picture = (mediaMs: number, isKey: boolean, lateMs = 0, compositionMs = 0) =>
    path.push(tag({ isKey, compositionMs, data: nal(isKey ? 0x65 : 0x41) }), {
      outMs: 10_000 + mediaMs + lateMs,
      mediaMs,
    });
  return {
    path,
    sent,
    decisions,
    picture,
    announced: () => announced,
    leave,
    asked: () => asked,
    wait: (ms: number) => (nowMs += ms),
  };
}
const at = (mediaMs: number) => ({ outMs: 10_000 + mediaMs, mediaMs });

test('nothing goes out before the configuration and a key frame are there, however late they come', () => {
  const { path, sent, picture } = start();
  picture(0, true);
  picture(33, false);
  path.push(config(), at(66));
  picture(66, false);
  expect(sent).toEqual([]);
  picture(100, true);
  picture(133, false);
  expect(sent.map((one) => one.isKey)).toEqual([true, false]);
  path.close();
});

test('one-second key frames stay copied on a machine that is seconds late with them', () => {
  const { path, sent, decisions, picture } = start();
  path.push(config(), at(0));
  for (let i = 0; i < 600; i += 1) picture(i * 33, i % 30 === 0, i > 200 && i < 300 ? 3_000 : i >= 300 ? 1_200 : 0);
  expect(decisions.map((one) => one.mode)).toEqual(['copy']);
  expect(sent.length).toBeGreaterThanOrEqual(600);
  expect(path.keyIntervalMs).toBeLessThan(1_100);
  path.close();
});

test('key frames every four seconds are transcoded before the second one comes', () => {
  const { path, decisions, picture } = start();
  path.push(config(), at(0));
  for (let i = 0; i < 90; i += 1) picture(i * 33, i === 0);
  expect(decisions.map((one) => one.mode)).toEqual(['copy', 'transcode']);
  expect(decisions[1]?.reason).toContain('key frames');
  path.close();
});

test('an encoder that turns B-frames on while live is transcoded, and copied again, at a key frame, when it has let go of them', () => {
  const { path, sent, decisions, picture } = start();
  path.push(config(), at(0));
  let i = 0;
  for (; i < 60; i += 1) picture(i * 33, i % 30 === 0);
  for (; i < 120; i += 1) picture(i * 33, i % 30 === 0, 0, i % 30 === 0 ? 66 : i % 2 ? 99 : 0);
  expect(decisions.map((one) => one.mode)).toEqual(['copy', 'transcode']);
  const copied = sent.length;
  for (; i < 120 + 900; i += 1) picture(i * 33, i % 30 === 0);
  expect(sent.length).toBe(copied);
  for (; i < 120 + 1_500; i += 1) picture(i * 33, i % 30 === 0);
  expect(decisions.map((one) => one.mode)).toEqual(['copy', 'transcode', 'copy']);
  expect(sent[copied]?.isKey).toBe(true);
  path.close();
});

test('a new resolution while live is copied on from its key frame, and told', () => {
  const { path, sent, picture } = start();
  path.push(config(), at(0));
  picture(0, true);
  expect(path.size).toMatchObject({ width: 640, height: 360 });
  path.push(config(SPS_SMALL), at(33));
  picture(33, false);
  expect(sent).toHaveLength(1);
  picture(66, true);
  expect(path.size).toMatchObject({ width: 320, height: 240 });
  expect(sent).toHaveLength(2);
  path.close();
});

test('a clock that jumps back is neither B-frames nor a rare key frame', () => {
  const { path, decisions, picture } = start();
  path.push(config(), at(0));
  for (let i = 0; i < 90; i += 1) picture(i * 33, i % 30 === 0);
  for (let i = 0; i < 90; i += 1) picture(1_000_000 + i * 33, i % 30 === 0);
  for (let i = 7; i < 90; i += 1) picture(i * 33, i % 30 === 0);
  expect(decisions.map((one) => one.mode)).toEqual(['copy']);
  path.close();
});

test('the track is announced with the configuration, before the first picture, and again for a new connection without one', () => {
  const { path, sent, picture, announced } = start();
  path.connected(10_000);
  expect(announced()).toBe(0);
  path.push(config(), at(0));
  expect(announced()).toBe(1);
  path.connected(10_010);
  expect(announced()).toBe(2);
  expect(sent).toEqual([]);
  picture(20, true);
  path.connected(10_030);
  expect(announced()).toBe(2);
  path.close();
});

test('whoever asks for a key frame soon after the start gets the pictures since the last one, later the next one', () => {
  const { path, sent, picture } = start();
  path.connected(10_000);
  path.push(config(), at(0));
  for (let i = 0; i < 10; i += 1) picture(i * 33, i === 0);
  const fresh = sent.length;
  path.keyWanted(10_400, 0);
  expect(sent.slice(fresh).map((one) => one.isKey)).toEqual([true, ...Array<boolean>(9).fill(false)]);
  picture(330, true);
  const later = sent.length;
  path.keyWanted(20_000, 0);
  expect(sent).toHaveLength(later);
  path.close();
});

test('without leave to transcode, rare key frames are copied on, with the reason; leave that comes later is used', () => {
  const refusal: { is: string | null } = { is: 'this server has no processor left' };
  const { path, sent, decisions, picture, asked, wait } = start(false, refusal);
  path.push(config(), at(0));
  let i = 0;
  for (; i < 120; i += 1) picture(i * 33, i % 120 === 0);
  expect(decisions.map(({ mode, reason }) => [mode, reason])).toEqual([
    ['copy', ''],
    ['copy', 'this server has no processor left'],
  ]);
  expect(sent).toHaveLength(120);
  expect(asked()).toBe(1);
  refusal.is = '';
  wait(6_000);
  for (; i < 130; i += 1) picture(i * 33, i % 120 === 0);
  expect(decisions.at(-1)).toMatchObject({ mode: 'transcode', reason: expect.stringContaining('key frames') });
  path.close();
});

test('an encoder that comes back keeps its leave to transcode on a machine that has become full; one that can be copied now gives it back', () => {
  const refusal: { is: string | null } = { is: '' };
  const { path, decisions, picture, asked } = start(false, refusal);
  const bFrames = (from: number, to: number) => {
    for (let i = from; i < to; i += 1) picture(i * 33, i % 30 === 0, 0, i % 30 === 0 ? 66 : i % 2 ? 99 : 0);
  };
  path.push(config(), at(0));
  bFrames(0, 60);
  expect(decisions.at(-1)?.mode).toBe('transcode');
  refusal.is = 'this server has no processor left';
  path.encoderChanged();
  path.push(config(), at(0));
  bFrames(0, 60);
  expect(decisions.at(-1)?.mode).toBe('transcode');
  expect(asked()).toBe(1);
  path.encoderChanged();
  path.push(config(), at(0));
  for (let i = 0; i < 700; i += 1) picture(i * 33, i % 30 === 0);
  bFrames(720, 780);
  expect(asked()).toBe(2);
  expect(decisions.at(-1)?.mode).toBe('refuse');
  path.close();
});

test('without leave to transcode, B-frames are not shown, and the stream is not given up', () => {
  const refusal: { is: string | null } = { is: null };
  const { path, sent, decisions, picture, leave, wait } = start(false, refusal);
  path.push(config(), at(0));
  const bFrames = (from: number, to: number) => {
    for (let i = from; i < to; i += 1) picture(i * 33, i % 30 === 0, 0, i % 30 === 0 ? 66 : i % 2 ? 99 : 0);
  };
  bFrames(0, 30);
  // Until the third picture nothing speaks of B-frames; then the question is under way.
  const copied = sent.length;
  expect(copied).toBeLessThan(4);
  leave.answer('no processor');
  bFrames(30, 60);
  expect(sent).toHaveLength(copied);
  expect(decisions.at(-1)).toMatchObject({ mode: 'refuse', reason: 'no processor' });
  refusal.is = '';
  wait(6_000);
  bFrames(60, 62);
  expect(decisions.at(-1)?.mode).toBe('transcode');
  path.close();
});

test('an encoder that mends its key frames while there is no processor is copied for good, and nothing is missing any more', () => {
  const { path, decisions, picture, leave } = start(false, { is: 'no processor' });
  path.push(config(), at(0));
  let i = 0;
  for (; i < 120; i += 1) picture(i * 33, i % 120 === 0);
  expect(leave.refusal).toBe('no processor');
  for (; i < 300; i += 1) picture(i * 33, i % 30 === 0);
  expect(decisions.at(-1)).toMatchObject({ mode: 'copy', reason: '' });
  expect(leave.refusal).toBeNull();
  path.close();
});
