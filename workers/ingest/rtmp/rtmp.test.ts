import fc from 'fast-check';
import pino from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeAmf0, encodeAmf0 } from './amf0.ts';
import { ChunkReader, type RtmpMessage } from './chunk-reader.ts';
import { Handshake } from './handshake.ts';
import { RTMP_LIMITS, RtmpError } from './limits.ts';
import type { AdmitPublisher } from './publisher.ts';
import { openRtmpServer, type RtmpServer } from './server.ts';
import { type PublishWish, RtmpSession, type TagType } from './session.ts';
import { chunksOf, command, connectEncoder, publishDialogue } from './test-encoder.ts';

function readAll(bytes: Buffer, cuts: number[] = []): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  const reader = new ChunkReader((message) => messages.push(message));
  let at = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut <= at || cut >= bytes.length) continue;
    reader.push(bytes.subarray(at, cut));
    at = cut;
  }
  reader.push(bytes.subarray(at));
  return messages;
}

describe('chunk streams', () => {
  const picture = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
  const sound = Buffer.alloc(300, 5);

  test('a message is whole however its bytes are cut', () => {
    const bytes = Buffer.concat([
      chunksOf({ chunkStream: 6, type: 9, streamId: 1, timestampMs: 40, payload: picture }),
      chunksOf({ chunkStream: 4, type: 8, streamId: 1, timestampMs: 45, payload: sound }),
    ]);
    const whole = readAll(bytes);
    expect(whole.map((one) => [one.type, one.timestampMs, one.payload.length])).toEqual([
      [9, 40, 1000],
      [8, 45, 300],
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 }), (cuts) => {
        expect(readAll(bytes, cuts)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  test('an extended timestamp counts, with and without its repetition in later chunks', () => {
    const timestampMs = 0x01_23_45_67;
    const repeated = chunksOf({ type: 9, timestampMs, payload: picture });
    expect(readAll(repeated)).toMatchObject([{ timestampMs, payload: picture }]);
    const head = repeated.subarray(0, 16);
    const pieces: Buffer[] = [head];
    for (let at = 0; at < picture.length; at += 128) {
      if (at > 0) pieces.push(Buffer.from([0xc4]));
      pieces.push(picture.subarray(at, at + 128));
    }
    expect(readAll(Buffer.concat(pieces))).toMatchObject([{ timestampMs, payload: picture }]);
  });

  test('short headers go on from the message before', () => {
    const first = chunksOf({ type: 8, streamId: 1, timestampMs: 100, payload: Buffer.alloc(10, 1) });
    const second = Buffer.concat([Buffer.from([0x84, 0, 0, 23]), Buffer.alloc(10, 2)]);
    const third = Buffer.concat([Buffer.from([0xc4]), Buffer.alloc(10, 3)]);
    expect(readAll(Buffer.concat([first, second, third])).map((one) => one.timestampMs)).toEqual([100, 123, 146]);
  });

  test('a larger chunk size is obeyed from the next chunk on', () => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(4096);
    const bytes = Buffer.concat([
      chunksOf({ chunkStream: 2, type: 1, payload: size }),
      chunksOf({ type: 9, payload: picture }, 4096),
    ]);
    expect(readAll(bytes)).toMatchObject([{ type: 9, payload: picture }]);
  });

  test('an oversize message is refused by its header, before its bytes come', () => {
    const header = chunksOf({ type: 9, payload: Buffer.alloc(1) }).subarray(0, 12);
    header.writeUIntBE(RTMP_LIMITS.messageBytes + 1, 4, 3);
    expect(() => readAll(header)).toThrow(RtmpError);
  });

  test('many chunk streams, a chunk out of nowhere and chunk size zero are refused', () => {
    const many = Array.from({ length: RTMP_LIMITS.chunkStreams + 1 }, (_, i) =>
      chunksOf({ chunkStream: 3 + i, type: 8, payload: Buffer.alloc(4) }),
    );
    expect(() => readAll(Buffer.concat(many))).toThrow('too many chunk streams');
    expect(() => readAll(Buffer.from([0xc9, 1, 2, 3]))).toThrow('without a predecessor');
    expect(() => readAll(chunksOf({ chunkStream: 2, type: 1, payload: Buffer.alloc(4) }))).toThrow('chunk size');
  });

  test('unfinished messages of many streams together are bounded', () => {
    const reader = new ChunkReader(() => undefined);
    const chunkBytes = 1024 * 1024;
    const size = Buffer.alloc(4);
    size.writeUInt32BE(chunkBytes);
    reader.push(chunksOf({ chunkStream: 2, type: 1, payload: size }));
    const oneChunkOfMany = (chunkStream: number) => {
      const header = chunksOf({ chunkStream, type: 9, payload: Buffer.alloc(1) }).subarray(0, 12);
      header.writeUIntBE(RTMP_LIMITS.messageBytes, 4, 3);
      return Buffer.concat([header, Buffer.alloc(chunkBytes)]);
    };
    const fitting = RTMP_LIMITS.bufferedBytes / chunkBytes;
    for (let i = 0; i < fitting; i += 1) reader.push(oneChunkOfMany(3 + i));
    expect(() => reader.push(oneChunkOfMany(3 + fitting))).toThrow('too many unfinished messages');
  });
});

describe('AMF0', () => {
  test('values survive both ways', () => {
    const values = ['connect', 1, { app: 'live', nested: { a: true, b: null } }, [1, 'two', false], undefined];
    expect(JSON.stringify(decodeAmf0(encodeAmf0(values)))).toBe(JSON.stringify(values));
  });

  test('bombs are refused: too deep, too many, a huge count, cut short', () => {
    const deep = Buffer.concat([...Array.from({ length: 50 }, () => Buffer.from([3, 0, 1, 97])), Buffer.from([5])]);
    expect(() => decodeAmf0(deep)).toThrow('too deep');
    expect(() => decodeAmf0(Buffer.alloc(5_000, 5))).toThrow('too many');
    expect(() => decodeAmf0(Buffer.from([10, 0xff, 0xff, 0xff, 0xff]))).toThrow('too many');
    expect(() => decodeAmf0(Buffer.from([2, 0xff, 0xff, 1]))).toThrow('cut short');
  });

  test('a name like __proto__ stays a plain name', () => {
    const [, value] = decodeAmf0(
      Buffer.concat([
        encodeAmf0(['x']),
        Buffer.from([3, 0, 9]),
        Buffer.from('__proto__'),
        Buffer.from([1, 1, 0, 0, 9]),
      ]),
    );
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('handshake', () => {
  test('S0, S1 and an echo of C1 are answered once, and what follows C2 is handed on', () => {
    const answers: Buffer[] = [];
    const handshake = new Handshake((bytes) => answers.push(bytes));
    const c1 = Buffer.alloc(1536, 42);
    const all = Buffer.concat([Buffer.from([3]), c1, Buffer.alloc(1536, 1), Buffer.from('rest')]);
    expect(handshake.push(all.subarray(0, 700))).toHaveLength(0);
    expect(answers).toHaveLength(0);
    expect(handshake.push(all.subarray(700)).toString()).toBe('rest');
    const answer = Buffer.concat(answers);
    expect(answer).toHaveLength(1 + 1536 * 2);
    expect(answer[0]).toBe(3);
    expect(answer.subarray(1537)).toEqual(c1);
  });

  test('another protocol is refused at its first byte', () => {
    expect(() => new Handshake(() => undefined).push(Buffer.from('GET / HTTP/1.1'))).toThrow('not RTMP');
  });
});

function startSession() {
  const written: Buffer[] = [];
  const wishes: PublishWish[] = [];
  const tags: [TagType, number, number][] = [];
  const onUnpublish = vi.fn();
  const session = new RtmpSession({
    write: (bytes) => written.push(bytes),
    onPublish: (wish) => wishes.push(wish),
    onTag: (type, timestampMs, body) => tags.push([type, timestampMs, body.length]),
    onUnpublish,
  });
  return { session, wishes, tags, onUnpublish, text: () => Buffer.concat(written).toString('latin1') };
}

describe('a publisher', () => {
  test('is asked about once, with the key without its query, and starts when accepted', () => {
    const run = startSession();
    run.session.push(publishDialogue('my-key?bandwidthtest=1'));
    expect(run.wishes).toEqual([
      { streamKey: 'my-key', app: 'live', agent: 'FMLE/3.0 (compatible; test)', isBackup: false },
    ]);
    expect(run.text()).not.toContain('NetStream.Publish.Start');
    run.session.accept();
    expect(run.text()).toContain('NetStream.Publish.Start');
    run.session.push(chunksOf({ type: 9, streamId: 1, timestampMs: 7, payload: Buffer.alloc(500, 1) }));
    expect(run.tags).toEqual([[9, 7, 500]]);
  });

  test('that does not wait for the answer loses nothing, within a limit', () => {
    const run = startSession();
    run.session.push(publishDialogue('k'));
    run.session.push(chunksOf({ type: 8, streamId: 1, payload: Buffer.alloc(4, 1) }));
    expect(run.tags).toEqual([]);
    run.session.accept();
    expect(run.tags).toEqual([[8, 0, 4]]);
    const flood = startSession();
    flood.session.push(publishDialogue('k'));
    const piece = chunksOf({ type: 9, streamId: 1, payload: Buffer.alloc(200_000, 1) });
    expect(() => {
      for (let i = 0; i < 5; i += 1) flood.session.push(piece);
    }).toThrow('too much media');
  });

  test('with a wrong key hears BadName and the sentence', () => {
    const run = startSession();
    run.session.push(publishDialogue('wrong'));
    run.session.refuse('Wrong stream key.');
    expect(run.text()).toContain('NetStream.Publish.BadName');
    expect(run.text()).toContain('Wrong stream key.');
  });

  test('that says goodbye is heard', () => {
    const run = startSession();
    run.session.push(publishDialogue('k'));
    run.session.accept();
    run.session.push(chunksOf({ chunkStream: 3, type: 20, payload: encodeAmf0(['deleteStream', 6, null, 1]) }));
    expect(run.onUnpublish).toHaveBeenCalledOnce();
  });

  test('says behind its key, or by the application, that it is a backup', () => {
    const byQuery = startSession();
    byQuery.session.push(publishDialogue('k?backup=1'));
    expect(byQuery.wishes).toMatchObject([{ streamKey: 'k', isBackup: true }]);
    const byApp = startSession();
    byApp.session.push(publishDialogue('k', 'backup'));
    expect(byApp.wishes).toMatchObject([{ streamKey: 'k', isBackup: true }]);
  });

  test.each(['FCUnpublish', 'deleteStream', 'closeStream'])('that says %s has stopped', (goodbye) => {
    const run = startSession();
    run.session.push(publishDialogue('k'));
    run.session.accept();
    run.session.push(command(goodbye, 6, null, 'k'));
    expect(run.onUnpublish).toHaveBeenCalledOnce();
  });

  test('that skips releaseStream, FCPublish and createStream publishes all the same', () => {
    const run = startSession();
    run.session.push(Buffer.concat([Buffer.from([3]), Buffer.alloc(3072, 7)]));
    run.session.push(command('connect', 1, { app: 'live' }));
    run.session.push(command('publish', 0, null, 'k'));
    expect(run.wishes).toMatchObject([{ streamKey: 'k', agent: '' }]);
  });

  test('that sends several tags in one aggregate message loses none, each at its time', () => {
    const tag = (type: number, timeMs: number, body: Buffer) => {
      const head = Buffer.alloc(11);
      head[0] = type;
      head.writeUIntBE(body.length, 1, 3);
      head.writeUIntBE(timeMs & 0xff_ff_ff, 4, 3);
      head[7] = timeMs >>> 24;
      return Buffer.concat([head, body, Buffer.alloc(4)]);
    };
    const run = startSession();
    run.session.push(publishDialogue('k'));
    run.session.accept();
    const payload = Buffer.concat([tag(9, 5_000, Buffer.alloc(30, 1)), tag(8, 5_020, Buffer.alloc(20, 1))]);
    run.session.push(chunksOf({ type: 22, streamId: 1, timestampMs: 100, payload }));
    expect(run.tags).toEqual([
      [9, 100, 30],
      [8, 120, 20],
    ]);
    const broken = chunksOf({ type: 22, streamId: 1, payload: payload.subarray(0, 20) });
    expect(() => run.session.push(broken)).toThrow('aggregate cut short');
  });

  test('that answers a ping shows the round trip', () => {
    const run = startSession();
    run.session.push(publishDialogue('k'));
    run.session.accept();
    expect(run.session.roundTripMs).toBeNull();
    run.session.ping();
    run.session.push(chunksOf({ chunkStream: 2, type: 4, payload: Buffer.from([0, 7, 0, 0, 0, 1]) }));
    expect(run.session.roundTripMs).toBeGreaterThanOrEqual(0);
  });

  test('of damaged bytes never breaks more than its own connection', () => {
    const good = Buffer.concat([
      publishDialogue('k'),
      chunksOf({ type: 9, streamId: 1, payload: Buffer.alloc(700, 0x17) }),
    ]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: good.length }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 0, max: 255 })), {
          maxLength: 8,
        }),
        (length, damage) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of damage) bytes[at] = value;
          const run = startSession();
          try {
            run.session.push(bytes.subarray(0, length));
          } catch (error) {
            expect(error).toBeInstanceOf(RtmpError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the server', () => {
  const open: RtmpServer[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close('end of the test')));
  });
  async function start(admit: AdmitPublisher, limits: { publishWithinMs?: number; silenceMs?: number } = {}) {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const server = await openRtmpServer({ host: '127.0.0.1', port: 0, log, admit, ...limits });
    open.push(server);
    return { server, lines };
  }

  test('refuses a wrong key at once, closes, and never logs the key', async () => {
    const { server, lines } = await start(async () => ({ ok: false, sentence: 'Wrong stream key.' }));
    const encoder = await connectEncoder(server.port);
    encoder.socket.write(publishDialogue('canary-wrong-key'));
    await encoder.whenClosed;
    expect(encoder.heard()).toContain('NetStream.Publish.BadName');
    await vi.waitFor(() => expect(lines.join('')).toContain('rtmp: closed: refused: Wrong stream key.'));
    expect(lines.join('')).not.toContain('canary');
  });

  test('hands several publishers at once to their takers, and tells why one is gone', async () => {
    const gone = vi.fn();
    const bytes = new Map<string, number>();
    const { server } = await start(async (wish) => ({
      ok: true,
      ingressId: wish.streamKey,
      taker: {
        onTag: (_type, _ms, body) => bytes.set(wish.streamKey, (bytes.get(wish.streamKey) ?? 0) + body.length),
        onGone: gone,
      },
    }));
    const [one, two] = await Promise.all([connectEncoder(server.port), connectEncoder(server.port)]);
    one.socket.write(publishDialogue('one'));
    two.socket.write(publishDialogue('two'));
    await vi.waitFor(() => expect(one.heard() + two.heard()).toMatch(/Publish\.Start[\s\S]*Publish\.Start/));
    one.socket.write(chunksOf({ type: 9, streamId: 1, payload: Buffer.alloc(100, 1) }));
    two.socket.write(chunksOf({ type: 8, streamId: 1, payload: Buffer.alloc(50, 1) }));
    await vi.waitFor(() =>
      expect([...bytes.entries()].sort()).toEqual([
        ['one', 100],
        ['two', 50],
      ]),
    );
    one.socket.destroy();
    await vi.waitFor(() => expect(gone).toHaveBeenCalledOnce());
    two.socket.destroy();
  });

  test('closes a connection that never publishes, and one that speaks something else', async () => {
    const admit = vi.fn<AdmitPublisher>();
    const { server, lines } = await start(admit, { publishWithinMs: 80 });
    const idle = await connectEncoder(server.port);
    const web = await connectEncoder(server.port);
    web.socket.write('GET / HTTP/1.1\r\n\r\n');
    await Promise.all([idle.whenClosed, web.whenClosed]);
    await vi.waitFor(() => expect(lines.join('')).toContain('no publish within'));
    expect(lines.join('')).toContain('not RTMP');
    expect(admit).not.toHaveBeenCalled();
  });
});
