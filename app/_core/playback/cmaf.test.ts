import { describe, expect, test } from 'vitest';
import { readInit, readSegmentTicks } from './cmaf.ts';

/** Init segments of FFmpeg's mp4 muxer: 640x360 H.264 constrained baseline 3.0, and stereo AAC-LC at 48 kHz. */
const VIDEO =
  'AAAAHGZ0eXBpc282AAACAGlzbzZjbWZjbXA0MQAAAv1tb292AAAAbG12aGQAAAAAAAAAAAAAAAAAAAPoAAAAAAABAAABAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAAAB/3RyYWsAAABcdGtoZAAAAAMAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAEAAAAACgAAAAWgAAAAAAZttZGlhAAAAIG1kaGQAAAAAAAAAAAAAAAAAAV+QAAAAAFXEAAAAAAAtaGRscgAAAAAAAAAAdmlkZQAAAAAAAAAAAAAAAFZpZGVvSGFuZGxlcgAAAAFGbWluZgAAABR2bWhkAAAAAQAAAAAAAAAAAAAAJGRpbmYAAAAcZHJlZgAAAAAAAAABAAAADHVybCAAAAABAAABBnN0YmwAAAC6c3RzZAAAAAAAAAABAAAAqmF2YzEAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAACgAFoAEgAAABIAAAAAAAAAAEVTGF2YzU5LjM3LjEwMCBsaWJ4MjY0AAAAAAAAAAAAAAAY//8AAAAwYXZjQwFCwB7/4QAZZ0LAHtoCgL/lwEQAAAMABAAAAwDyPFi6gAEABGjOPIAAAAAQcGFzcAAAAAEAAAABAAAAFGJ0cnQAAAAAAAquYAAKrmAAAAAQc3R0cwAAAAAAAAAAAAAAEHN0c2MAAAAAAAAAAAAAABRzdHN6AAAAAAAAAAAAAAAAAAAAEHN0Y28AAAAAAAAAAAAAAChtdmV4AAAAIHRyZXgAAAAAAAAAAQAAAAEAAAAAAAAAAAAAAAAAAABidWR0YQAAAFptZXRhAAAAAAAAACFoZGxyAAAAAAAAAABtZGlyYXBwbAAAAAAAAAAAAAAAAC1pbHN0AAAAJal0b28AAAAdZGF0YQAAAAEAAAAATGF2ZjU5LjI3LjEwMA==';
const AUDIO =
  'AAAAHGZ0eXBpc282AAACAGlzbzZjbWZjbXA0MQAAAr1tb292AAAAbG12aGQAAAAAAAAAAAAAAAAAAAPoAAAAAAABAAABAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAAABv3RyYWsAAABcdGtoZAAAAAMAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAQEAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAVttZGlhAAAAIG1kaGQAAAAAAAAAAAAAAAAAALuAAAAAAFXEAAAAAAAtaGRscgAAAAAAAAAAc291bgAAAAAAAAAAAAAAAFNvdW5kSGFuZGxlcgAAAAEGbWluZgAAABBzbWhkAAAAAAAAAAAAAAAkZGluZgAAABxkcmVmAAAAAAAAAAEAAAAMdXJsIAAAAAEAAADKc3RibAAAAH5zdHNkAAAAAAAAAAEAAABubXA0YQAAAAAAAAABAAAAAAAAAAAAAgAQAAAAALuAAAAAAAA2ZXNkcwAAAAADgICAJQABAASAgIAXQBUAAAAAAXcAAAF3AAWAgIAFEZBW5QAGgICAAQIAAAAUYnRydAAAAAAAAXcAAAF3AAAAABBzdHRzAAAAAAAAAAAAAAAQc3RzYwAAAAAAAAAAAAAAFHN0c3oAAAAAAAAAAAAAAAAAAAAQc3RjbwAAAAAAAAAAAAAAKG12ZXgAAAAgdHJleAAAAAAAAAABAAAAAQAAAAAAAAAAAAAAAAAAAGJ1ZHRhAAAAWm1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAG1kaXJhcHBsAAAAAAAAAAAAAAAALWlsc3QAAAAlqXRvbwAAAB1kYXRhAAAAAQAAAABMYXZmNTkuMjcuMTAw';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));
const u32 = (...values: number[]) =>
  Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer).swap32()));
const box = (type: string, ...content: Buffer[]) => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
};
const fragment = (tfhd: Buffer, trun: Buffer) =>
  Buffer.concat([
    box('moof', box('mfhd', u32(0, 1)), box('traf', box('tfhd', tfhd), box('trun', trun))),
    box('mdat', u32(7)),
  ]);

describe('what an init segment says', () => {
  test('of a picture', () => {
    const picture = { kind: 'video', codecs: 'avc1.42c01e', width: 640, height: 360, timescale: 90_000 };
    expect(readInit(bytes(VIDEO))).toEqual(picture);
  });

  test('of sound', () => {
    expect(readInit(bytes(AUDIO))).toEqual({ kind: 'audio', codecs: 'mp4a.40.2', timescale: 48_000 });
  });

  test('cut off anywhere it is null or the same, and never throws', () => {
    const whole = bytes(VIDEO);
    for (let size = 0; size < whole.length; size++) {
      const read = readInit(whole.slice(0, size));
      if (read) expect(read.codecs).toMatch(/^avc1\./);
    }
  });
});

describe('how long a segment is', () => {
  test('with a duration for all samples', () => {
    const tfhd = u32(0x020008, 1, 1024);
    const one = fragment(tfhd, u32(0x000001, 10, 0));
    expect(readSegmentTicks(Buffer.concat([one, one]), 48_000)).toBe(2 * 19_200);
  });

  test('with a duration for each sample', () => {
    const trun = u32(0x000301, 2, 0, 3000, 77, 6000, 88);
    expect(readSegmentTicks(fragment(u32(0x020000, 1), trun), 90_000)).toBe(9000);
  });

  test('of what is no segment is null', () => {
    expect(readSegmentTicks(Buffer.from('not an mp4 file at all'), 48_000)).toBeNull();
    expect(readSegmentTicks(new Uint8Array(0), 48_000)).toBeNull();
  });
});
