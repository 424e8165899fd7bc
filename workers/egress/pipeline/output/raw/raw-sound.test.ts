import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PushReport } from '../../../plan.ts';
import { openSoundReceiver, type SoundReceiver } from './fixtures/sound-receiver.ts';
import { RawSound } from './raw-sound.ts';
import { clientFrame, ServerFrames } from './ws-frames.ts';

let receiver: SoundReceiver;
let sound: RawSound | null;
let reports: PushReport[];
let failed: string[];
let muted = false;

beforeEach(async () => {
  [reports, failed, sound] = [[], [], null];
  receiver = await openSoundReceiver();
});
afterEach(async () => {
  await sound?.close();
  receiver.close();
});

function open(allow = ['127.0.0.1'], url = receiver.url): RawSound {
  sound = new RawSound({
    url,
    targets: { allow, denyPorts: [] },
    isMuted: () => muted,
    onReport: (report) => reports.push(report),
    onFirstByte: () => {},
    onFailed: (sentence) => failed.push(sentence),
    log: pino({ level: 'silent' }),
  });
  return sound;
}
const state = () => reports.at(-1)?.state;
const texts = () => receiver.messages.filter(({ opcode }) => opcode === 1).map(({ payload }) => String(payload));
const block = new Float32Array(2048).fill(0.5, 0, 1024).fill(-2, 1024);

test('sound arrives as 16 bit stereo, and being muted as text when it changes', async () => {
  muted = false;
  const raw = open();
  await expect.poll(state).toBe('pushing');
  raw.sound(block);
  muted = true;
  raw.sound(block);
  raw.sound(block);
  await expect.poll(() => receiver.messages.length).toBe(5);
  expect(texts()).toEqual(['{"muted":false}', '{"muted":true}']);
  const binary = receiver.messages.filter(({ opcode }) => opcode === 2);
  expect(binary.map(({ payload }) => payload.length)).toEqual([4096, 4096, 4096]);
  const [first] = binary;
  expect([first?.payload.readInt16LE(0), first?.payload.readInt16LE(2)]).toEqual([16_384, -32_768]);
  await raw.close();
  await expect.poll(() => receiver.messages.at(-1)?.opcode).toBe(8);
  expect(state()).toBe('stopped');
});

test('a ping of the receiver is answered, and after a break it is connected to again', async () => {
  const raw = open();
  await expect.poll(() => receiver.sockets.length).toBe(1);
  receiver.sockets[0]?.write(Buffer.from([0x89, 2, 0x68, 0x69]));
  await expect.poll(() => receiver.messages.at(-1)).toMatchObject({ opcode: 10, payload: Buffer.from('hi') });
  receiver.sockets[0]?.destroy();
  await expect.poll(state).toBe('retrying');
  raw.sound(block); // nobody takes it, nobody waits
  await expect.poll(() => receiver.sockets.length).toBe(2);
  await expect.poll(state).toBe('pushing');
});

test('what a receiver says in one breath with its handshake is heard', async () => {
  receiver.greeting = Buffer.from([0x89, 2, 0x68, 0x69]);
  open();
  await expect.poll(() => receiver.messages.at(-1)).toMatchObject({ opcode: 10, payload: Buffer.from('hi') });
});

test('a receiver that takes the connection and never answers is not left with it', async () => {
  const silent = createServer();
  const taken: Promise<unknown>[] = [];
  silent.on('connection', (socket) => taken.push(once(socket.resume(), 'close')));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  const raw = open(['127.0.0.1'], `ws://127.0.0.1:${port}/`);
  await expect.poll(() => taken.length).toBe(1);
  await raw.close();
  await Promise.all(taken);
  silent.close();
});

test('three refusals end it, in words that hold no token', async () => {
  receiver.refuse = 403;
  open();
  await expect.poll(() => failed, { timeout: 10_000 }).toHaveLength(1);
  expect(failed[0]).toMatch(/^127\.0\.0\.1:\d+ wants another login or token in the address\.$/);
  expect(reports.at(-1)).toMatchObject({ state: 'failed', retries: 2 });
});

test('a private address is not connected to unless it is allowed', async () => {
  open([]);
  await expect.poll(state).toBe('failed');
  expect([receiver.sockets.length, failed[0]]).toEqual([0, expect.stringContaining('is a private address')]);
});

test('frames of any length are written and read', () => {
  const seen: string[] = [];
  const frames = new ServerFrames((opcode, payload) => seen.push(`${opcode} ${payload}`));
  // Data of 300 bytes, then a ping, in pieces of one byte.
  const long = Buffer.concat([Buffer.from([0x82, 126, 1, 44]), Buffer.alloc(300), Buffer.from([0x89, 1, 0x61])]);
  for (const byte of long) frames.receive(Buffer.from([byte]));
  expect(seen).toEqual(['ping a']);
  expect(() => frames.receive(Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]))).toThrow('too much');
  expect([10, 200, 70_000].map((size) => clientFrame('binary', new Uint8Array(size)).length - size)).toEqual([
    6, 8, 14,
  ]);
});
