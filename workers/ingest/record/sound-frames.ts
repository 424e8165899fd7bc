import type { AudioCodec } from '../publish/flv.ts';

const MPEG_RATES = [44_100, 48_000, 32_000];
/** Sync word, version (1 = MPEG 1, 0.5 = its low rates), layer III. Source: ISO/IEC 11172-3, 2.4.1.3; 13818-3, 2.4.1. */
const MP3_VERSIONS: Record<number, number> = { 3: 1, 2: 2, 0: 4 };

/** Rate and channels of an MPEG layer III frame; null when it is none. */
export function parseMp3Header(frame: Buffer): { sampleRate: number; channels: number } | null {
  if (frame.length < 4 || frame.readUInt16BE(0) >> 5 !== 0x7ff) return null;
  const divisor = MP3_VERSIONS[(frame.readUInt8(1) >> 3) & 3];
  const isLayer3 = ((frame.readUInt8(1) >> 1) & 3) === 1;
  const rate = MPEG_RATES[(frame.readUInt8(2) >> 2) & 3];
  if (!divisor || !isLayer3 || !rate) return null;
  return { sampleRate: rate / divisor, channels: frame.readUInt8(3) >> 6 === 3 ? 1 : 2 };
}

/**
 * `OpusHead` (RFC 7845, 5.1, little-endian) as the `dOps` box has it (Encapsulation of Opus in ISO BMFF, 4.3.2, big-endian).
 * @returns null when it is none
 */
export function readOpusHead(head: Buffer): { channels: number; dOps: Uint8Array } | null {
  if (head.length < 19 || head.toString('latin1', 0, 8) !== 'OpusHead') return null;
  const dOps = Buffer.from(head.subarray(8));
  dOps.writeUInt8(0, 0);
  dOps.writeUInt16BE(head.readUInt16LE(10), 2);
  dOps.writeUInt32BE(head.readUInt32LE(12), 4);
  dOps.writeInt16BE(head.readInt16LE(16), 8);
  return { channels: head.readUInt8(9), dOps };
}

/** Samples at 48 kHz of one Opus frame by its configuration. Source: RFC 6716, 3.1, table 2. */
function opusFrame(configuration: number): number {
  if (configuration < 12) return [480, 960, 1920, 2880][configuration & 3] ?? 960;
  if (configuration < 16) return [480, 960][configuration & 1] ?? 960;
  return [120, 240, 480, 960][configuration & 3] ?? 960;
}

function opusSamples(packet: Buffer): number {
  const toc = packet[0] ?? 0;
  const frames = [1, 2, 2][toc & 3] ?? (packet[1] ?? 1) & 0x3f;
  return opusFrame(toc >> 3) * frames;
}

const AAC_FRAME = 1024;
const MP3_FRAME = 1152;

/** Samples a channel in one frame. */
export function frameSamples(codec: AudioCodec, frame: Buffer): number {
  if (codec === 'opus') return opusSamples(frame);
  if (codec !== 'mp3') return AAC_FRAME;
  return (parseMp3Header(frame)?.sampleRate ?? MPEG_RATES[0] ?? 0) >= 32_000 ? MP3_FRAME : MP3_FRAME / 2;
}
