import { createSocket, type Socket } from 'node:dgram';
import fc from 'fast-check';
import pino from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { SourceProcesses } from '../pull/source-process.ts';
import { type AdmitSrt, openSrtServer, type SrtServer } from './server.ts';
import { answerRejection, inductionFrom, REJECTION, readHandshake, withCookie } from './srt-packet.ts';
import { readStreamId } from './stream-id.ts';

const INDUCTION = 1;
const CONCLUSION = 0xff_ff_ff_ff;

/** A caller's handshake packet as libsrt writes it. */
function handshake(more: {
  type: number;
  version?: number;
  cookie?: number;
  streamId?: string;
  encrypted?: boolean;
}): Buffer {
  const packet = Buffer.alloc(64);
  packet.writeUInt16BE(0x8000, 0);
  packet.writeUInt32BE(more.version ?? (more.type === INDUCTION ? 4 : 5), 16);
  packet.writeUInt16BE(more.type === INDUCTION ? 2 : 5, 22);
  packet.writeUInt32BE(1500, 28);
  packet.writeUInt32BE(8192, 32);
  packet.writeUInt32BE(more.type, 36);
  packet.writeUInt32BE(0x1234_5678, 40);
  packet.writeUInt32BE(more.cookie ?? 0, 44);
  const extensions = [extension(1, Buffer.alloc(12))];
  if (more.encrypted) extensions.push(extension(3, Buffer.alloc(64)));
  if (more.streamId !== undefined) {
    const text = Buffer.from(more.streamId);
    extensions.push(extension(5, Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4)]).swap32()));
  }
  return more.type === CONCLUSION ? Buffer.concat([packet, ...extensions]) : packet;
}

function extension(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type);
  head.writeUInt16BE(body.length / 4, 2);
  return Buffer.concat([head, body]);
}

describe('the handshake', () => {
  test('of a caller is read with its stream id and whether it encrypts', () => {
    expect(readHandshake(handshake({ type: CONCLUSION, cookie: 7, streamId: 'live_abc', encrypted: true }))).toEqual({
      version: 5,
      kind: 'conclusion',
      socketId: 0x1234_5678,
      cookie: 7,
      streamId: 'live_abc',
      isEncrypted: true,
      rejection: null,
    });
    expect(readHandshake(answerRejection(handshake({ type: CONCLUSION }), REJECTION.badSecret))?.rejection).toBe(1010);
    expect(readHandshake(handshake({ type: INDUCTION }))).toMatchObject({
      kind: 'induction',
      version: 4,
      streamId: '',
    });
  });

  test('is made anew for the library behind us, and gets its cookie', () => {
    const conclusion = handshake({ type: CONCLUSION, cookie: 7, streamId: 'k' });
    expect(readHandshake(inductionFrom(conclusion))).toMatchObject({ kind: 'induction', version: 4, cookie: 0 });
    const changed = withCookie(conclusion, 99);
    expect(readHandshake(changed)).toMatchObject({ kind: 'conclusion', cookie: 99, streamId: 'k' });
    expect(readHandshake(conclusion)?.cookie).toBe(7);
  });

  test('of any bytes is a handshake or null, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readHandshake(Buffer.from(bytes));
        readHandshake(Buffer.concat([handshake({ type: CONCLUSION }), Buffer.from(bytes)]));
        return true;
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['live_abc', { streamKey: 'live_abc', isBackup: false }],
  ['publish/live_abc', { streamKey: 'live_abc', isBackup: false }],
  ['live_abc?backup=1', { streamKey: 'live_abc', isBackup: true }],
  ['#!::r=live_abc,m=publish', { streamKey: 'live_abc', isBackup: false }],
  ['#!::m=publish,r=live/live_abc,backup=1', { streamKey: 'live_abc', isBackup: true }],
  ['%23!%3A%3Ar%3Dlive_abc%2Cm%3Dpublish', { streamKey: 'live_abc', isBackup: false }],
  ['live_abc%', { streamKey: 'live_abc%', isBackup: false }],
  ['#!::r=live_abc,m=request', null],
  ['#!::m=publish', null],
  ['', null],
])('stream id %s', (streamId, wish) => {
  expect(readStreamId(streamId)).toEqual(wish);
});

describe('the front', () => {
  const open: (SrtServer | Socket)[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await ('connections' in one ? one.close('end of the test') : one.close());
  });

  async function start(admit: AdmitSrt, passphrase = '') {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const server = await openSrtServer({
      host: '127.0.0.1',
      port: 0,
      log,
      settings: { passphrase, latencyMs: 120 },
      admit,
      // Nobody in these tests is accepted, so none is ever taken.
      processes: null as unknown as SourceProcesses,
    });
    const caller = createSocket('udp4');
    open.push(server, caller);
    const heard: Buffer[] = [];
    caller.on('message', (packet) => heard.push(packet));
    await new Promise<void>((resolve) => caller.bind(0, '127.0.0.1', resolve));
    const say = (packet: Buffer) => caller.send(packet, server.port, '127.0.0.1');
    const cookie = async () => {
      say(handshake({ type: INDUCTION }));
      await vi.waitFor(() => expect(heard).toHaveLength(1));
      return readHandshake(heard.shift() as Buffer)?.cookie ?? 0;
    };
    const rejection = async () => {
      await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0));
      return heard.shift()?.readUInt32BE(36);
    };
    return { server, say, cookie, rejection, heard, lines };
  }
  const refuse: AdmitSrt = async () => ({ ok: false, sentence: 'Wrong stream key.' });

  test('asks nobody and keeps nothing before a caller has shown its cookie', async () => {
    const admit = vi.fn(refuse);
    const run = await start(admit);
    const shown = await run.cookie();
    run.say(handshake({ type: CONCLUSION, cookie: (shown ^ 1) >>> 0, streamId: 'canary-key' }));
    run.say(Buffer.from('noise'));
    run.say(handshake({ type: CONCLUSION, cookie: shown, streamId: 'canary-key' }));
    expect(await run.rejection()).toBe(REJECTION.unauthorized);
    expect(admit).toHaveBeenCalledOnce();
    expect(run.server.connections()).toBe(0);
    expect(run.lines.join('')).toContain('srt: refused: Wrong stream key.');
    expect(run.lines.join('')).not.toContain('canary');
  });

  test('gives a refused caller that repeats itself the same answer, and counts its key once', async () => {
    const admit = vi.fn(refuse);
    const run = await start(admit);
    const packet = handshake({ type: CONCLUSION, cookie: await run.cookie(), streamId: 'k' });
    for (let i = 0; i < 3; i += 1) {
      run.say(packet);
      expect(await run.rejection()).toBe(REJECTION.unauthorized);
    }
    expect(admit).toHaveBeenCalledOnce();
  });

  test.each([
    ['an old version', { version: 4, streamId: 'k' }, '', REJECTION.version],
    ['no stream id', {}, '', REJECTION.unauthorized],
    ['a wish to watch', { streamId: '#!::r=k,m=request' }, '', REJECTION.unauthorized],
    ['encryption where none is set', { streamId: 'k', encrypted: true }, '', REJECTION.badSecret],
    ['no encryption where it is asked for', { streamId: 'k' }, 'a-long-passphrase', REJECTION.unsecure],
  ])('refuses %s before anybody is asked about a key', async (_name, more, passphrase, code) => {
    const admit = vi.fn(refuse);
    const run = await start(admit, passphrase);
    run.say(handshake({ type: CONCLUSION, cookie: await run.cookie(), ...more }));
    expect(await run.rejection()).toBe(code);
    expect(admit).not.toHaveBeenCalled();
  });
});
