import { createSocket } from 'node:dgram';

const SRT_HEADER_BYTES = 16;
const TS_BYTES = 188;
const TS_CLOCK = 90_000;

export type SrtTap = {
  /** Where the encoder has to connect, UDP. */
  port: number;
  /** Date.now() of the encoder's first packet; null before it. */
  connectedAtMs(): number | null;
  /** Date.now() when its first picture passed; null before it. */
  firstPictureAtMs(): number | null;
  /** Date.now() when the picture with this number began to leave the encoder. */
  leftAtMs: Map<number, number>;
  close(): void;
};

/**
 * Stands between an SRT encoder and the SRT front and notes when the encoder connects (its program takes a while to begin) and when each picture passes,
 * so that its own delay can be told from what comes after it. The stream is not encrypted, so the MPEG-TS in it can be read.
 */
export async function openSrtTap(srtPort: number, fps: number): Promise<SrtTap> {
  const inner = createSocket('udp4');
  const outer = createSocket('udp4');
  const leftAtMs = new Map<number, number>();
  let connectedAtMs: number | null = null;
  let firstPictureAtMs: number | null = null;
  let firstTicks: number | null = null;
  let encoderPort = 0;
  inner.on('message', (packet, from) => {
    connectedAtMs ??= Date.now();
    encoderPort = from.port;
    outer.send(packet, srtPort, '127.0.0.1');
    for (const ticks of pictureTimes(packet)) {
      firstPictureAtMs ??= Date.now();
      firstTicks ??= ticks;
      const index = Math.round(((ticks - firstTicks) * fps) / TS_CLOCK);
      // A packet that was sent again tells nothing new.
      if (!leftAtMs.has(index)) leftAtMs.set(index, Date.now());
    }
  });
  outer.on('message', (packet) => inner.send(packet, encoderPort, '127.0.0.1'));
  await new Promise<void>((resolve) => inner.bind(0, '127.0.0.1', () => resolve()));
  return {
    port: inner.address().port,
    connectedAtMs: () => connectedAtMs,
    firstPictureAtMs: () => firstPictureAtMs,
    leftAtMs,
    close() {
      inner.close();
      outer.close();
    },
  };
}

/** Presentation times, in 1/90000 s, of the pictures that begin in an SRT data packet (its first bit is 0). */
function pictureTimes(packet: Buffer): number[] {
  if (((packet[0] ?? 0x80) & 0x80) !== 0) return [];
  const times: number[] = [];
  for (let at = SRT_HEADER_BYTES; at + TS_BYTES <= packet.length; at += TS_BYTES) {
    const begins = ((packet[at + 1] ?? 0) & 0x40) !== 0;
    const hasField = ((packet[at + 3] ?? 0) & 0x20) !== 0;
    const pes = at + 4 + (hasField ? 1 + (packet[at + 4] ?? 0) : 0);
    if (!begins || pes + 14 > at + TS_BYTES || packet.readUIntBE(pes, 3) !== 1) continue;
    const isVideo = ((packet[pes + 3] ?? 0) & 0xf0) === 0xe0;
    const hasTime = ((packet[pes + 7] ?? 0) & 0x80) !== 0;
    if (isVideo && hasTime) times.push(presentationTime(packet, pes + 9));
  }
  return times;
}

/** The 33 bits of a PES header's PTS (ISO/IEC 13818-1, 2.4.3.7). */
function presentationTime(bytes: Buffer, at: number): number {
  const high = ((bytes[at] ?? 0) >> 1) & 0x07;
  return high * 2 ** 30 + (bytes.readUInt16BE(at + 1) >> 1) * 2 ** 15 + (bytes.readUInt16BE(at + 3) >> 1);
}
