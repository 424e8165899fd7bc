import fc from 'fast-check';
import { expect, test } from 'vitest';
import { annexBNals, h264Payloads } from './h264-payload.ts';
import { offerLayers, ridsOf } from './layers.ts';
import { readFeedback, writeSenderReport } from './rtcp.ts';
import { headerExtension, writeRtp } from './rtp-packet.ts';
import { RtpStream } from './rtp-stream.ts';

const START = Buffer.from([0, 0, 0, 1]);
/** Without zeros, so that no start code and no trailing zero arises in it. */
const nalOf = (type: number, bytes: number) => Buffer.concat([Buffer.from([0x60 | type]), Buffer.alloc(bytes, 0xab)]);

/** Puts fragments together again, as a receiver does (RFC 6184, 5.8). */
function reassemble(payloads: readonly Buffer[][]): Buffer[] {
  const nals: Buffer[] = [];
  for (const pieces of payloads) {
    const payload = Buffer.concat(pieces);
    const [indicator = 0, header = 0] = payload;
    if ((indicator & 0x1f) !== 28) {
      nals.push(payload);
      continue;
    }
    if (header & 0x80) nals.push(Buffer.from([(indicator & 0xe0) | (header & 0x1f)]));
    nals.push(Buffer.concat([nals.pop() ?? Buffer.alloc(0), payload.subarray(2)]));
  }
  return nals;
}

function startStream(keep: number) {
  const sent: Buffer[] = [];
  const clock = { at: 1_000 };
  const stream = new RtpStream({
    payloadType: 96,
    clockRate: 90_000,
    cname: 'openair',
    isPicture: true,
    extension: null,
    keep,
    clock: { nowMs: () => clock.at, wallOffsetMs: 500 },
    send: (packet) => void sent.push(packet),
  });
  const media = () => sent.filter((packet) => packet.readUInt8(1) !== 200);
  return { stream, sent, media, clock };
}

test('a picture of any size comes out of its packets as it went in, and no packet is longer than a network takes', () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 0, max: 9_000 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(sizes, (list) => {
      const nals = list.map(([type, bytes]) => nalOf(type, bytes));
      const payloads = h264Payloads(Buffer.concat(nals.flatMap((nal) => [START, nal])));
      expect(reassemble(payloads)).toEqual(nals);
      for (const pieces of payloads) {
        expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBeLessThanOrEqual(1_170);
      }
    }),
  );
});

test('start codes of three and four bytes are both understood', () => {
  const [one, two] = [nalOf(7, 3), nalOf(5, 4)];
  expect(annexBNals(Buffer.concat([START.subarray(1), one, START, two]))).toEqual([one, two]);
  expect(annexBNals(Buffer.from('no start code'))).toEqual([]);
});

test('header extensions name the layer in every packet, padded to whole words', () => {
  const extension = headerExtension([
    { id: 1, value: 'picture' },
    { id: 2, value: 'q' },
  ]);
  expect(extension.toString('hex')).toBe(`bede000316${Buffer.from('picture').toString('hex')}2071${'00'.repeat(2)}`);
  const head = { payloadType: 96, sequence: 65_535, timestamp: 7, ssrc: 9, isLast: true };
  const packet = writeRtp(head, extension, [Buffer.from([1]), Buffer.from([2, 3])]);
  expect(packet.subarray(0, 12).toString('hex')).toBe('90e0ffff0000000700000009');
  expect(packet.subarray(12, 28)).toEqual(extension);
  expect(packet.subarray(28)).toEqual(Buffer.from([1, 2, 3]));
});

test('packets are numbered through, one time a picture, and the last of a picture is marked', () => {
  const { stream, media } = startStream(8);
  stream.write(h264Payloads(Buffer.concat([START, nalOf(5, 3_000)])), 90);
  stream.write(h264Payloads(Buffer.concat([START, nalOf(1, 10)])), 3_090);
  const packets = media();
  const sequences = packets.map((packet) => packet.readUInt16BE(2));
  expect(sequences).toEqual(sequences.map((_, index) => ((sequences[0] ?? 0) + index) % 65_536));
  expect(packets.map((packet) => packet.readUInt8(1) >> 7)).toEqual([0, 0, 1, 1]);
  const times = packets.map((packet) => packet.readUInt32BE(4));
  expect(new Set(times.slice(0, 3)).size).toBe(1);
  expect(((times[3] ?? 0) - (times[0] ?? 0) + 2 ** 32) % 2 ** 32).toBe(3_000);
});

test('a report ties the stream to the wall clock with the first packet, and once a second from there', () => {
  const { stream, sent, clock } = startStream(0);
  stream.write([[nalOf(1, 4)]], 90_000);
  stream.write([[nalOf(1, 4)]], 91_000);
  clock.at += 1_000;
  stream.write([[nalOf(1, 4)]], 180_000);
  const reports = sent.filter((packet) => packet.readUInt8(1) === 200);
  expect(reports.map((report) => sent.indexOf(report))).toEqual([0, 3]);
  const [first, second] = reports;
  if (!first || !second) throw new Error('there are two');
  expect(first.readUInt32BE(4)).toBe(stream.ssrc);
  // 1.5 s after 1970, and the stream's clock at 1 s: that of the first packet.
  expect(first.readUInt32BE(8)).toBe(2_208_988_801);
  expect(first.readUInt32BE(12) / 2 ** 32).toBeCloseTo(0.5);
  expect(first.readUInt32BE(16)).toBe(sent[1]?.readUInt32BE(4));
  expect([second.readUInt32BE(20), second.readUInt32BE(24)]).toEqual([2, 10]);
  expect(writeSenderReport({ ...REPORT, cname: 'abc' }).length % 4).toBe(0);
});
const REPORT = { ssrc: 1, wallMs: 0, timestamp: 0, packets: 0, payloadBytes: 0 };

test('a lost packet is sent again as it was, once for requests that come together, and never when it is too old', () => {
  const { stream, media, clock } = startStream(4);
  for (let i = 0; i < 6; i += 1) stream.write([[Buffer.from([i])]], i);
  const packets = media();
  const number = (index: number) => packets[index]?.readUInt16BE(2) ?? 0;
  const lost = { kind: 'lost', ssrc: stream.ssrc, sequences: [number(0), number(4)] } as const;
  expect(stream.take(lost)).toBe(false);
  stream.take(lost);
  expect(media().slice(6)).toEqual([packets[4]]);
  clock.at += 100;
  stream.take(lost);
  expect(media().slice(6)).toEqual([packets[4], packets[4]]);
  stream.take({ ...lost, ssrc: stream.ssrc + 1 });
  expect(media()).toHaveLength(8);
});

test('requests are read out of compound packets: PLI, FIR and NACK with its mask', () => {
  const receiverReport = '80c9000100000001';
  const pli = '81ce00020000000100000011';
  const fir = '84ce00040000000100000000000000220100 0000'.replace(' ', '');
  const nack = '81cd0003000000010000003300ff8001';
  expect(readFeedback(Buffer.from(receiverReport + pli + fir + nack, 'hex'))).toEqual([
    { kind: 'key', ssrc: 0x11 },
    { kind: 'key', ssrc: 0x22 },
    { kind: 'lost', ssrc: 0x33, sequences: [255, 256, 271] },
  ]);
});

test('any bytes give requests or none, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      readFeedback(Buffer.from(bytes));
      readFeedback(Buffer.concat([Buffer.from([0x81, 205]), Buffer.from(bytes)]));
      annexBNals(Buffer.from(bytes));
    }),
  );
});

test('an offer in layers names them, the smallest first, and no source by number; the rest stays', () => {
  expect(ridsOf(1)).toEqual([null]);
  expect(ridsOf(2)).toEqual(['h', 'q']);
  const offer = ['v=0', 'm=video 9', 'a=ssrc:1 cname:x', 'a=mid:picture', 'm=audio 9', 'a=ssrc:2 cname:x', ''].join(
    '\r\n',
  );
  expect(offerLayers(offer, 1)).toBe(offer);
  expect(offerLayers(offer, 3).split('\r\n')).toEqual([
    'v=0',
    'm=video 9',
    'a=mid:picture',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
    'a=rid:q send',
    'a=rid:h send',
    'a=rid:f send',
    'a=simulcast:send q;h;f',
    'm=audio 9',
    'a=ssrc:2 cname:x',
    '',
  ]);
});
