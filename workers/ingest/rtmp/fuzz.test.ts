import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pino from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeAmf0 } from './amf0.ts';
import { openRtmpServer, type RtmpServer } from './server.ts';
import { chunksOf, command, connectEncoder, publishDialogue } from './test-encoder.ts';

/** The RTMP front under attack: a real listener, real sockets. A fixed seed, so that what fails once fails again. */
let seed = 20_261_121;
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
  return seed % below;
}
const noise = (length: number) => Buffer.from(Array.from({ length }, () => random(256)));

const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(1536, 7), Buffer.alloc(1536, 9)]);
const CONNECT = command('connect', 1, { app: 'live' });
const dialogue = (key = 'good') => publishDialogue(key);
const amf = (...pieces: Buffer[]) => chunksOf({ chunkStream: 3, type: 20, payload: Buffer.concat(pieces) }, 128);
const name = (text: string) => encodeAmf0([text]);
const header = (length: number, type = 9) => {
  const bytes = chunksOf({ type, payload: Buffer.alloc(1) }).subarray(0, 12);
  bytes.writeUIntBE(length, 4, 3);
  return Buffer.from(bytes);
};
const chunkSize = (bytes: number) => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return chunksOf({ chunkStream: 2, type: 1, payload });
};

/** What each attacker sends, and whether it goes on after its last byte (an open connection that waits) or hangs up. */
const ATTACKS: Record<string, () => Buffer> = {
  'another protocol': () => Buffer.from('GET /live HTTP/1.1\r\nHost: x\r\n\r\n'),
  'TLS on the plain port': () => Buffer.concat([Buffer.from([0x16, 3, 1]), noise(500)]),
  'noise after the handshake': () => Buffer.concat([HANDSHAKE, noise(4_000 + random(8_000))]),
  'noise after connect': () => Buffer.concat([HANDSHAKE, CONNECT, noise(6_000)]),
  'noise after publish': () => Buffer.concat([dialogue(), noise(20_000)]),
  'a dialogue cut short': () => dialogue().subarray(0, 1 + random(dialogue().length - 1)),
  'a dialogue with flipped bytes': () => {
    const bytes = dialogue();
    for (let i = 0; i < 12; i += 1) bytes[3_073 + random(bytes.length - 3_073)] = random(256);
    return bytes;
  },
  'an oversize message before publish': () => Buffer.concat([HANDSHAKE, header(0xff_ff_ff, 20)]),
  'an oversize message after publish': () => Buffer.concat([dialogue(), header(0xff_ff_ff)]),
  'a chunk size of zero': () => Buffer.concat([HANDSHAKE, chunkSize(0)]),
  'a chunk size of one, and a long message': () =>
    Buffer.concat([HANDSHAKE, chunkSize(1), chunksOf({ type: 20, payload: noise(3_000) }, 1)]),
  'unfinished messages on every chunk stream': () =>
    Buffer.concat([
      dialogue(),
      ...Array.from({ length: 62 }, (_, i) => {
        const bytes = Buffer.concat([header(1_000_000), Buffer.alloc(128)]);
        bytes[0] = 2 + i;
        return bytes;
      }),
    ]),
  'objects nested without end': () => {
    const level = Buffer.from([3, 0, 1, 97]);
    return Buffer.concat([
      HANDSHAKE,
      amf(name('connect'), encodeAmf0([1]), ...Array.from({ length: 5_000 }, () => level)),
    ]);
  },
  'arrays that announce four thousand million values': () =>
    Buffer.concat([HANDSHAKE, amf(name('connect'), Buffer.from([10, 0xff, 0xff, 0xff, 0xff]))]),
  'an object of ten thousand names': () => {
    const field = Buffer.from([0, 1, 97, 5]);
    return Buffer.concat([
      HANDSHAKE,
      amf(name('connect'), encodeAmf0([1]), Buffer.from([3]), Buffer.alloc(40_000, field)),
    ]);
  },
  'a string longer than its message': () =>
    Buffer.concat([HANDSHAKE, amf(name('connect'), Buffer.from([12, 0x7f, 0xff, 0xff, 0xff, 65]))]),
  'unknown AMF types': () => Buffer.concat([HANDSHAKE, amf(noise(300))]),
  'a thousand commands': () =>
    Buffer.concat([HANDSHAKE, CONNECT, ...Array.from({ length: 1_000 }, () => command('createStream', 2, null))]),
  'connect twice': () => Buffer.concat([HANDSHAKE, CONNECT, CONNECT]),
  'publish twice': () => Buffer.concat([dialogue(), command('publish', 9, null, 'good')]),
  'media before connect': () => Buffer.concat([HANDSHAKE, chunksOf({ type: 9, payload: noise(200) })]),
  'a wish to play': () => Buffer.concat([HANDSHAKE, CONNECT, command('play', 3, null, 'good')]),
  'aggregates that lie about their length': () =>
    Buffer.concat([dialogue(), chunksOf({ type: 22, streamId: 1, payload: Buffer.alloc(400, 0xff) })]),
  'metadata that is a bomb': () => {
    const level = Buffer.from([3, 0, 1, 97]);
    const payload = Buffer.concat([name('onMetaData'), ...Array.from({ length: 8_000 }, () => level)]);
    return Buffer.concat([dialogue(), chunksOf({ type: 18, streamId: 1, payload })]);
  },
  'aborts of streams that are not there': () =>
    Buffer.concat([
      dialogue(),
      ...Array.from({ length: 200 }, () => chunksOf({ chunkStream: 2, type: 2, payload: noise(4) })),
    ]),
  'a wrong key': () => dialogue('nobodys'),
};

let server: RtmpServer;
const lines: string[] = [];
let taken = 0;

beforeAll(async () => {
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  server = await openRtmpServer({
    host: '127.0.0.1',
    port: 0,
    log,
    publishWithinMs: 400,
    silenceMs: 400,
    admit: async (wish) =>
      wish.streamKey === 'good'
        ? { ok: true, ingressId: 'IN_1', taker: { onTag: () => (taken += 1), onGone: () => undefined } }
        : { ok: false, sentence: 'Wrong stream key.' },
  });
});
afterAll(() => server.close('end of the test'));

/** Sends in pieces of random length, then waits for the server to end it. */
async function attack(bytes: Buffer): Promise<void> {
  const encoder = await connectEncoder(server.port);
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random(4_000);
    if (encoder.socket.writable) encoder.socket.write(bytes.subarray(at, at + length));
    at += length;
  }
  await encoder.whenClosed;
}

const closedLines = () => lines.filter((line) => line.includes('rtmp: closed: ')).length;

test.each(Object.keys(ATTACKS))('%s: closed with a logged reason, and the next encoder is taken', async (kind) => {
  const before = closedLines();
  const make = ATTACKS[kind];
  if (!make) throw new Error(kind);
  await attack(make());
  await vi.waitFor(() => expect(closedLines()).toBe(before + 1));
  expect(lines.at(-1)).toMatch(/"reason":".{5,}"/);
  expect(lines.join('')).not.toContain('the parser failed');
  const encoder = await connectEncoder(server.port);
  encoder.socket.write(dialogue());
  await vi.waitFor(() => expect(encoder.heard()).toContain('NetStream.Publish.Start'));
  const takenBefore = taken;
  encoder.socket.write(chunksOf({ type: 9, streamId: 1, payload: Buffer.alloc(100, 1) }));
  await vi.waitFor(() => expect(taken).toBe(takenBefore + 1));
  encoder.socket.destroy();
  await vi.waitFor(() => expect(server.connections()).toBe(0));
});

test('hundreds of attackers at once, over and over, leave no memory behind', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const usedMb = () => {
    gc();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return (heapUsed + external + arrayBuffers) / 1e6;
  };
  const makers = Object.values(ATTACKS);
  const round = async () => {
    await Promise.all(Array.from({ length: 60 }, (_, i) => attack((makers[i % makers.length] as () => Buffer)())));
    await vi.waitFor(() => expect(server.connections()).toBe(0));
    lines.length = 0;
  };
  await round();
  await round();
  const before = usedMb();
  for (let i = 0; i < 6; i += 1) await round();
  expect(usedMb() - before).toBeLessThan(6);
}, 60_000);
