const VERSION_2 = 0b10;
const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const NACK = 1;
const PLI = 1;
const FIR = 4;
const CNAME = 1;
const FEEDBACK_HEAD_BYTES = 12;
/** From 1900, where NTP begins, to 1970, s. */
const NTP_TO_UNIX_S = 2_208_988_800;

export type SenderReport = {
  ssrc: number;
  /** Wall clock, ms since 1970, and the stream's clock at the same moment: what ties picture and sound together. */
  wallMs: number;
  timestamp: number;
  packets: number;
  payloadBytes: number;
  cname: string;
};

/** A sender report with the source's name (RFC 3550, 6.4.1, 6.5). */
export function writeSenderReport(report: SenderReport): Buffer {
  const head = Buffer.alloc(28);
  head[0] = VERSION_2 << 6;
  head[1] = SENDER_REPORT;
  head.writeUInt16BE(head.length / 4 - 1, 2);
  head.writeUInt32BE(report.ssrc, 4);
  const seconds = Math.floor(report.wallMs / 1000);
  head.writeUInt32BE((seconds + NTP_TO_UNIX_S) % 2 ** 32, 8);
  head.writeUInt32BE(Math.floor((report.wallMs / 1000 - seconds) * 2 ** 32), 12);
  head.writeUInt32BE(report.timestamp, 16);
  head.writeUInt32BE(report.packets % 2 ** 32, 20);
  head.writeUInt32BE(report.payloadBytes % 2 ** 32, 24);
  return Buffer.concat([head, sourceDescription(report.ssrc, report.cname)]);
}

function sourceDescription(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname);
  // The list of items ends with a zero, and the chunk on a word.
  const words = Math.ceil((4 + 2 + name.length + 1) / 4);
  const packet = Buffer.alloc(4 + words * 4);
  packet[0] = (VERSION_2 << 6) | 1;
  packet[1] = SOURCE_DESCRIPTION;
  packet.writeUInt16BE(words, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet[8] = CNAME;
  packet[9] = name.length;
  name.copy(packet, 10);
  return packet;
}

/** What a receiver asks of one stream. */
export type Feedback = { ssrc: number } & ({ kind: 'key' } | { kind: 'lost'; sequences: readonly number[] });

/**
 * Requests in a compound RTCP packet: key frames by PLI (RFC 4585, 6.3.1) and FIR (RFC 5104, 4.3.1), lost packets by generic NACK (RFC 4585,
 * 6.2.1). All else is stepped over; a damaged packet ends the reading.
 */
export function readFeedback(packet: Buffer): Feedback[] {
  const found: Feedback[] = [];
  for (let at = 0; at + 4 <= packet.length; ) {
    const first = packet.readUInt8(at);
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4;
    if (first >> 6 !== VERSION_2 || end > packet.length) break;
    const body = packet.subarray(at, end);
    at = end;
    if (body.length < FEEDBACK_HEAD_BYTES) continue;
    const type = body.readUInt8(1);
    const format = first & 0x1f;
    const ssrc = body.readUInt32BE(8);
    if (type === TRANSPORT_FEEDBACK && format === NACK) found.push({ kind: 'lost', ssrc, sequences: readNack(body) });
    else if (type === PAYLOAD_FEEDBACK && format === PLI) found.push({ kind: 'key', ssrc });
    // FIR leaves the field of the media's source at zero and names each stream in an entry of its own.
    else if (type === PAYLOAD_FEEDBACK && format === FIR) found.push(...readFir(body));
  }
  return found;
}

function readNack(body: Buffer): number[] {
  const sequences: number[] = [];
  for (let at = FEEDBACK_HEAD_BYTES; at + 4 <= body.length; at += 4) {
    const first = body.readUInt16BE(at);
    const following = body.readUInt16BE(at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit += 1) {
      if ((following >> bit) & 1) sequences.push((first + 1 + bit) & 0xffff);
    }
  }
  return sequences;
}

function readFir(body: Buffer): Feedback[] {
  const asked: Feedback[] = [];
  for (let at = FEEDBACK_HEAD_BYTES; at + 8 <= body.length; at += 8) {
    asked.push({ kind: 'key', ssrc: body.readUInt32BE(at) });
  }
  return asked;
}
