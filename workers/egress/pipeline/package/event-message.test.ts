import { expect, test } from 'vitest';
import { makeMark, writeEventMessage } from './event-message.ts';
import { TrackPackager } from './packager.ts';
import { openTimeline } from './timeline.ts';

test('a mark is an emsg with an ID3 tag that says its kind and data', () => {
  const box = writeEventMessage(makeMark(7, 'scene', { version: 3, layout: 'grid' }), 2 ** 33 + 90_000, 90_000);
  expect(box.readUInt32BE(0)).toBe(box.length);
  expect(box.toString('latin1', 4, 8)).toBe('emsg');
  expect(box[8]).toBe(1);
  expect([box.readUInt32BE(12), Number(box.readBigUInt64BE(16)), box.readUInt32BE(28)]).toEqual([
    90_000,
    2 ** 33 + 90_000,
    7,
  ]);
  const text = box.toString('utf8', 32);
  expect(text.startsWith('https://aomedia.org/emsg/ID3\0openair\0ID3\u0004')).toBe(true);
  const tag = box.subarray(box.indexOf('ID3\u0004', 0, 'latin1'));
  const size = (at: number) => [0, 1, 2, 3].reduce((sum, i) => sum * 128 + (tag[at + i] ?? 0), 0);
  expect(size(6)).toBe(tag.length - 10);
  expect(tag.toString('latin1', 10, 14)).toBe('TXXX');
  expect(size(14)).toBe(tag.length - 20);
  const [description, value] = tag.toString('utf8', 21).split('\0');
  expect([description, JSON.parse(value ?? '')]).toEqual(['openair:scene', { version: 3, layout: 'grid' }]);
});

test('a mark stands in front of the next part, once, at its first instant', () => {
  const parts: Buffer[] = [];
  const packager = new TrackPackager({
    rendition: '720p',
    format: {
      kind: 'video',
      timescale: 90_000,
      width: 64,
      height: 36,
      avcC: Buffer.from([1, 100, 0, 31]),
      bitrate: 1000,
    },
    timeline: openTimeline(1_000_000, null),
    lengths: { partS: 0.2, segmentS: 1 },
    sink: { part: ({ bytes }) => void parts.push(bytes), segment: () => {} },
  });
  const frames = (from: number, count: number) => {
    for (let i = from; i < from + count; i++) {
      packager.add({ pts: i * 3000, duration: 3000, key: i % 30 === 0, data: Buffer.from([1]) });
    }
  };
  frames(0, 8);
  packager.mark(makeMark(1, 'marker', { text: 'here' }));
  frames(8, 10);
  const marked = parts.map((bytes) => bytes.toString('latin1', 4, 8));
  expect(marked).toEqual(['moof', 'emsg', 'moof']);
  expect(Number(parts[1]?.readBigUInt64BE(16))).toBe(6 * 3000);
});

test('a mark is no place for files', () => {
  expect(() => makeMark(1, 'marker', 'x'.repeat(9000))).toThrow(RangeError);
});
