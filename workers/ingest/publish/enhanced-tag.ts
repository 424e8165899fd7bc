/** The head of an enhanced message (Enhanced RTMP v2, "ExVideoTagHeader" and "ExAudioTagHeader"), for picture and sound alike. */

export type EnhancedBody = {
  /** `avc1`, `hvc1`, `Opus` and so on. */
  fourcc: string;
  /** Packet type, after modifiers and multitrack were taken off. */
  packet: number;
  track: number;
  data: Buffer;
};

/** Packet types that wrap others; they differ between picture and sound. */
export type WrapperTypes = { multitrack: number; modEx: number };

const MANY_TRACKS_MANY_CODECS = 2;
const ONE_TRACK = 0;
const FOURCC_BYTES = 4;
/** Modifiers and tracks of one message: real ones have one or two, a bomb has many. */
const MAX_MODIFIERS = 8;
const MAX_TRACKS = 16;

/** @param body whole message body, its first byte included @returns one entry a track; empty when it is cut short */
export function readEnhanced(body: Buffer, types: WrapperTypes): EnhancedBody[] {
  const first = body[0];
  if (first === undefined) return [];
  const head = skipModifiers(body, first & 0x0f, types.modEx);
  if (head === null) return [];
  if (head.packet === types.multitrack) return readTracks(body, head.at);
  const fourcc = readFourCc(body, head.at);
  if (fourcc === null) return [];
  return [{ fourcc, packet: head.packet, track: 0, data: body.subarray(head.at + FOURCC_BYTES) }];
}

/** Modifiers (such as a timestamp's nanoseconds) stand before the message and say nothing that a millisecond clock needs. */
function skipModifiers(body: Buffer, packetType: number, modEx: number): { packet: number; at: number } | null {
  let packet = packetType;
  let at = 1;
  for (let count = 0; packet === modEx; count += 1) {
    if (count >= MAX_MODIFIERS || at >= body.length) return null;
    let size = body.readUInt8(at) + 1;
    at += 1;
    if (size === 256) {
      if (at + 2 > body.length) return null;
      size = body.readUInt16BE(at) + 1;
      at += 2;
    }
    at += size;
    if (at >= body.length) return null;
    packet = body.readUInt8(at) & 0x0f;
    at += 1;
  }
  return { packet, at };
}

function readTracks(body: Buffer, start: number): EnhancedBody[] {
  if (start >= body.length) return [];
  const multitrackType = body.readUInt8(start) >> 4;
  const packet = body.readUInt8(start) & 0x0f;
  let at = start + 1;
  let fourcc = '';
  if (multitrackType !== MANY_TRACKS_MANY_CODECS) {
    const read = readFourCc(body, at);
    if (read === null) return [];
    fourcc = read;
    at += FOURCC_BYTES;
  }
  const tracks: EnhancedBody[] = [];
  while (at < body.length && tracks.length < MAX_TRACKS) {
    if (multitrackType === MANY_TRACKS_MANY_CODECS) {
      const read = readFourCc(body, at);
      if (read === null) break;
      fourcc = read;
      at += FOURCC_BYTES;
    }
    if (at >= body.length) break;
    const track = body.readUInt8(at);
    at += 1;
    let size = body.length - at;
    if (multitrackType !== ONE_TRACK) {
      if (at + 3 > body.length) break;
      size = body.readUIntBE(at, 3);
      at += 3;
    }
    if (size > body.length - at) break;
    tracks.push({ fourcc, packet, track, data: body.subarray(at, at + size) });
    at += size;
  }
  return tracks;
}

function readFourCc(body: Buffer, at: number): string | null {
  return at + FOURCC_BYTES <= body.length ? body.toString('latin1', at, at + FOURCC_BYTES) : null;
}
