import { createServer, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AmfValue, decodeAmf, encodeAmf } from './amf0.ts';
import type { PushReport } from './push.ts';
import { PushSet } from './push-set.ts';
import { ChunkReader, MESSAGE, type RtmpMessage, writeMessage } from './rtmp-chunks.ts';

describe('RTMP chunks', () => {
  test('a message longer than a chunk is a full header and continuations, byte for byte', () => {
    const payload = Buffer.from([1, 2, 3, 4, 5]);
    const bytes = writeMessage({ type: 9, streamId: 1, timestampMs: 258, payload }, 6, 4);
    expect([...bytes]).toEqual([0x06, 0, 1, 2, 0, 0, 5, 9, 1, 0, 0, 0, 1, 2, 3, 4, 0xc6, 5]);
  });

  test('times beyond 24 bits are written in full in every chunk', () => {
    const payload = Buffer.from([1, 2, 3]);
    const bytes = writeMessage({ type: 8, streamId: 1, timestampMs: 0x01000002, payload }, 5, 2);
    const extended = [1, 0, 0, 2];
    expect([...bytes]).toEqual([5, 255, 255, 255, 0, 0, 3, 8, 1, 0, 0, 0, ...extended, 1, 2, 0xc5, ...extended, 3]);
  });

  test('what is written is read again, however the bytes are cut', () => {
    const messages = [1, 127, 128, 129, 5000].map((size, index) => ({
      type: MESSAGE.video,
      streamId: 1,
      timestampMs: index * 0x800000,
      payload: Buffer.alloc(size, index),
    }));
    const bytes = Buffer.concat(messages.map((message) => writeMessage(message, 6, 128)));
    for (const step of [1, 7, 1000, bytes.length]) {
      const got: RtmpMessage[] = [];
      const reader = new ChunkReader((message) => got.push(message));
      for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
      expect(got).toEqual(messages);
    }
  });

  test('a message of absurd size ends the connection instead of filling memory', () => {
    const head = Buffer.from([0x03, 0, 0, 0, 0xff, 0xff, 0xff, 20, 0, 0, 0, 0]);
    expect(() => new ChunkReader(() => {}).push(head)).toThrow(RangeError);
  });

  test('AMF goes there and back, damaged AMF throws', () => {
    const values: AmfValue[] = ['connect', 1, { app: 'live', deep: { yes: true, no: null } }];
    const bytes = encodeAmf(...values);
    expect(decodeAmf(bytes)).toEqual(values);
    for (let cut = 1; cut < bytes.length; cut++) {
      try {
        decodeAmf(bytes.subarray(0, cut));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });
});

/** A small RTMP receiver: answers the commands, collects media. */
async function startReceiver(behave: { reject?: boolean } = {}) {
  const media: RtmpMessage[] = [];
  const names: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let greeted = false;
    let pending = Buffer.alloc(0);
    const answer = (values: AmfValue[], streamId = 0) =>
      socket.write(writeMessage({ type: 20, streamId, timestampMs: 0, payload: encodeAmf(...values) }, 3, 128));
    const reader = new ChunkReader((message) => {
      if (message.type !== MESSAGE.commandAmf0) return void media.push(message);
      const [name, id, , streamName] = decodeAmf(message.payload);
      if (name === 'connect') answer(['_result', id ?? 0, {}, { code: 'NetConnection.Connect.Success' }]);
      if (name === 'createStream') answer(['_result', id ?? 0, null, 7]);
      if (name !== 'publish') return;
      names.push(String(streamName));
      const [level, code] = behave.reject
        ? ['error', 'NetStream.Publish.BadName']
        : ['status', 'NetStream.Publish.Start'];
      answer(['onStatus', 0, null, { level: level ?? '', code: code ?? '' }], 7);
    });
    socket.on('data', (bytes) => {
      if (greeted) return reader.push(bytes);
      pending = Buffer.concat([pending, bytes]);
      if (pending.length >= 1537 && pending.length < 3073) {
        if (socket.bytesWritten === 0)
          socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536), pending.subarray(1, 1537)]));
      } else if (pending.length >= 3073) {
        greeted = true;
        reader.push(pending.subarray(3073));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { media, names, port, stop, cut: () => sockets.forEach((socket) => void socket.destroy()) };
}

describe('a push', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  function openPushes(allow = ['127.0.0.0/8']) {
    const reports: PushReport[] = [];
    const set = new PushSet({
      media: {
        video: { width: 64, height: 36, fps: 30, bitrateKbps: 100, avcC: Buffer.from([1, 2, 3]) },
        audio: { config: Buffer.from([0x11, 0x90]), bitrateKbps: 64 },
      },
      targets: { allow, denyPorts: [] },
      onReports: (changed) => void reports.push(...changed),
      onFirstByte: () => {},
      log: pino({ level: 'silent' }),
    });
    closers.push(() => set.close());
    let ms = 0;
    const feed = () => {
      set.video({ ms, key: (ms / 33) % 30 === 0, data: Buffer.alloc(50, 9) });
      set.audio({ ms, data: Buffer.alloc(20, 8) });
      ms += 33;
    };
    return { set, reports, feed, state: () => reports.at(-1)?.state };
  }

  test('sends metadata, headers and then a key frame, under the whole stream name', async () => {
    const receiver = await startReceiver();
    closers.push(receiver.stop);
    const { set, feed, state } = openPushes();
    set.add({ id: 'a', url: `rtmp://127.0.0.1:${receiver.port}/app/inst/key?x=1` });
    await vi.waitFor(() => expect(state()).toBe('pushing'));
    for (let index = 0; index < 70; index++) feed();
    await vi.waitFor(() => expect(receiver.media.length).toBeGreaterThan(20));
    expect(receiver.names).toEqual(['key?x=1']);
    const kinds = receiver.media.map(({ type, payload }) => [type, payload[0], payload[1]]);
    const start = kinds.findIndex(([type]) => type === 18);
    expect(kinds.slice(start, start + 5)).toEqual([
      [18, 0x02, 0],
      [9, 0x17, 0],
      [8, 0xaf, 0],
      [9, 0x17, 1],
      [8, 0xaf, 1],
    ]);
    expect(receiver.media[start + 3]?.timestampMs).toBe(0);
  });

  test('comes back after the receiver broke the connection', async () => {
    const receiver = await startReceiver();
    closers.push(receiver.stop);
    const { set, reports, state } = openPushes();
    set.add({ id: 'a', url: `rtmp://127.0.0.1:${receiver.port}/app/key` });
    await vi.waitFor(() => expect(state()).toBe('pushing'));
    receiver.cut();
    await vi.waitFor(() => expect(state()).toBe('retrying'));
    await vi.waitFor(() => expect(state()).toBe('pushing'), 4000);
    expect(reports.at(-1)?.retries).toBe(1);
  });

  test('is failed after three rejections, with a sentence that does not show the key', async () => {
    const receiver = await startReceiver({ reject: true });
    closers.push(receiver.stop);
    const { set, reports, state } = openPushes();
    set.add({ id: 'a', url: `rtmp://127.0.0.1:${receiver.port}/app/topsecret` });
    await vi.waitFor(() => expect(state()).toBe('failed'), 8000);
    expect(receiver.names).toHaveLength(3);
    expect(reports.at(-1)?.lastError?.code).toBe('rejected');
    expect(JSON.stringify(reports)).not.toContain('topsecret');
  });

  test('does not go to a private address unless it is allowed', async () => {
    const { set, reports, state } = openPushes([]);
    set.add({ id: 'a', url: 'rtmp://127.0.0.1:1/app/key' });
    await vi.waitFor(() => expect(state()).toBe('failed'));
    expect(reports.at(-1)?.lastError?.code).toBe('EFORBIDDEN');
  });
});
