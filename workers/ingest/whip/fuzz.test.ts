import { once } from 'node:events';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { closing, OFFER, startWhip } from './test-whip.ts';

/** The WHIP front under attack: a real listener, real sockets, raw bytes. A fixed seed, so that what fails once fails again. */
let seed = 20_261_121;
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
  return seed % below;
}
const noise = (length: number) => Buffer.from(Array.from({ length }, () => random(256)));

const request = (line: string, headers: Record<string, string | number>, body: Buffer | string = '') => {
  const all = { host: 'x', connection: 'close', 'content-length': Buffer.byteLength(body), ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'), Buffer.from(body)]);
};
const SDP = { 'content-type': 'application/sdp' };
const RIGHT = { ...SDP, authorization: 'Bearer good' };
const post = (body: Buffer | string, headers: Record<string, string | number> = RIGHT) =>
  request('POST /whip', headers, body);

/** What each attacker sends; `hangsUp` does so with its last byte instead of waiting for the answer. */
const ATTACKS: Record<string, { send(): Buffer; hangsUp?: boolean }> = {
  'another protocol': { send: () => Buffer.concat([Buffer.from([3]), noise(1_536)]) },
  'TLS on the plain port': { send: () => Buffer.concat([Buffer.from([0x16, 3, 1]), noise(500)]) },
  noise: { send: () => noise(1 + random(6_000)) },
  'a path that is no address': { send: () => request('POST //', RIGHT, OFFER) },
  'an absolute address': { send: () => request('POST http://[::1/whip', RIGHT, OFFER) },
  'a path of eight thousand characters': { send: () => request(`POST /whip/${'a'.repeat(8_000)}`, RIGHT, OFFER) },
  'a path that climbs': { send: () => request('DELETE /whip/../../health', RIGHT) },
  'a path with zeros and percent signs': { send: () => request('DELETE /whip/%00%zz%', RIGHT) },
  'an unknown method': { send: () => request('BREW /whip', RIGHT, OFFER) },
  'a tunnel': { send: () => request('CONNECT 169.254.169.254:80', {}) },
  'an upgrade': { send: () => request('GET /whip', { ...RIGHT, connection: 'upgrade', upgrade: 'websocket' }) },
  'headers without end': { send: () => Buffer.from(`POST /whip HTTP/1.1\r\n${'x: y\r\n'.repeat(8_000)}`) },
  'one header of a megabyte': { send: () => request('POST /whip', { ...RIGHT, 'x-long': 'y'.repeat(1_000_000) }) },
  'no key': { send: () => post(OFFER, SDP) },
  'a wrong key': { send: () => post(OFFER, { ...SDP, authorization: 'Bearer nobodys' }) },
  'a key of ten thousand characters': {
    send: () => post(OFFER, { ...SDP, authorization: `Bearer ${'k'.repeat(10_000)}` }),
  },
  'a key with control characters': { send: () => post(OFFER, { ...SDP, authorization: 'Bearer go\x7fod\x01' }) },
  'two lengths': {
    send: () => Buffer.from('POST /whip HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\nv=0..'),
  },
  'a length and chunks': { send: () => post(OFFER, { ...RIGHT, 'transfer-encoding': 'chunked' }) },
  'chunks that are none': {
    send: () =>
      Buffer.from(
        'POST /whip HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello',
      ),
  },
  'a length that is a lie': { send: () => post(OFFER, { ...RIGHT, 'content-length': 5_000 }), hangsUp: true },
  'a body that announces gigabytes': { send: () => post(OFFER, { ...RIGHT, 'content-length': 4_000_000_000 }) },
  'a body that is too large, in chunks': {
    send: () => {
      const chunk = `10000\r\n${'v'.repeat(65_536)}\r\n`;
      const head = 'POST /whip HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ntransfer-encoding: chunked\r\n\r\n';
      return Buffer.from(head + chunk.repeat(6));
    },
  },
  'an empty offer': { send: () => post('') },
  'noise as an offer': { send: () => post(noise(9_000)) },
  'another type of body': { send: () => post(OFFER, { ...RIGHT, 'content-type': 'application/json' }) },
  'a trickle for nobody': { send: () => request('PATCH /whip/AAAA', RIGHT, noise(400)) },
  'an end of nobody': { send: () => request('DELETE /whip/AAAA', RIGHT) },
};

let front: Awaited<ReturnType<typeof startWhip>>;
beforeAll(async () => {
  front = await startWhip();
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Sends in pieces of random length and reads until the front ends it. @returns what was answered */
async function attack({ send, hangsUp }: { send(): Buffer; hangsUp?: boolean }): Promise<string> {
  const socket = connect(front.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (bytes) => {
    answer += bytes.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const bytes = send();
  for (let at = 0; at < bytes.length && socket.writable; ) {
    const length = 1 + random(60_000);
    socket.write(bytes.subarray(at, at + length));
    at += length;
  }
  // Half-closed: what waits for more gets no more.
  if (hangsUp) socket.destroy();
  else socket.end();
  await closed;
  return answer;
}

const refusals = () => front.lines.filter((line) => line.includes('whip: refused: ')).length;

test.each(Object.keys(ATTACKS))('%s: refused with a logged reason, and the next encoder is taken', async (kind) => {
  const one = ATTACKS[kind];
  if (!one) throw new Error(kind);
  const before = refusals();
  const answer = await attack(one);
  expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  await vi.waitFor(() => expect(refusals()).toBeGreaterThan(before));
  expect(front.lines.at(-1)).toMatch(/"reason":".{5,}"/);
  expect(front.lines.join('')).not.toContain('a request failed');
  const taken = await front.ask('POST', '/whip', 'good', OFFER);
  expect(taken.status).toBe(201);
  const ended = await front.ask('DELETE', taken.headers.get('location') ?? '', 'good');
  expect(ended.status).toBe(200);
  expect(front.sessions.describe()).toEqual([]);
});

test('hundreds of attackers, dozens at once, leave no memory behind', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const usedMb = async () => {
    // What a socket held goes when its handle has been closed, a turn later.
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return (heapUsed + external + arrayBuffers) / 1e6;
  };
  const all = Object.values(ATTACKS);
  const round = async () => {
    await Promise.all(all.flatMap((one) => [attack(one), attack(one)]));
    front.lines.length = 0;
    front.reports.length = 0;
    front.livekit.seen.length = 0;
  };
  await round();
  await round();
  const before = await usedMb();
  for (let i = 0; i < 6; i += 1) await round();
  expect((await usedMb()) - before).toBeLessThan(8);
}, 60_000);
