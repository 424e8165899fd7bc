import { describe, expect, test } from 'vitest';
import { type AmfValue, decodeAmf, encodeAmf } from './amf0.ts';
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

  test('a message that its sender gave up is forgotten', () => {
    const got: RtmpMessage[] = [];
    const reader = new ChunkReader((message) => got.push(message));
    const whole = writeMessage({ type: 9, streamId: 1, timestampMs: 0, payload: Buffer.alloc(200, 1) }, 6, 128);
    reader.push(whole.subarray(0, 12 + 128));
    const channel = Buffer.from([0, 0, 0, 6]);
    reader.push(writeMessage({ type: MESSAGE.abort, streamId: 0, timestampMs: 0, payload: channel }, 2, 128));
    reader.push(writeMessage({ type: 9, streamId: 1, timestampMs: 5, payload: Buffer.from([7]) }, 6, 128));
    expect(got.at(-1)).toEqual({ type: 9, streamId: 1, timestampMs: 5, payload: Buffer.from([7]) });
  });

  test('AMF goes there and back, damaged AMF throws', () => {
    const values: AmfValue[] = [
      'connect',
      1,
      { app: 'live', deep: { yes: true, no: null } },
      ['a', 2],
      'x'.repeat(70_000),
    ];
    const bytes = encodeAmf(...values);
    expect(decodeAmf(bytes)).toEqual(values);
    for (let cut = 1; cut < bytes.length; cut += cut < 100 ? 1 : 997) {
      try {
        decodeAmf(bytes.subarray(0, cut));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });
});
