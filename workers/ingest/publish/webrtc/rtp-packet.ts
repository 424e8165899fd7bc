const VERSION_2 = 0x80;
const HAS_EXTENSION = 0x10;
const MARKER = 0x80;
const FIXED_BYTES = 12;
const ONE_BYTE_PROFILE = 0xbede;

export type RtpHead = { payloadType: number; sequence: number; timestamp: number; ssrc: number; isLast: boolean };

/**
 * A block of one-byte header extensions (RFC 8285, 4.2), the same in every packet of a stream.
 * @param elements ids 1 to 14, values of 1 to 16 bytes
 */
export function headerExtension(elements: readonly { id: number; value: string }[]): Buffer {
  const body = Buffer.concat(
    elements.map(({ id, value }) => {
      const bytes = Buffer.from(value);
      return Buffer.concat([Buffer.from([(id << 4) | (bytes.length - 1)]), bytes]);
    }),
  );
  const words = Math.ceil(body.length / 4);
  const block = Buffer.alloc(4 + words * 4);
  block.writeUInt16BE(ONE_BYTE_PROFILE, 0);
  block.writeUInt16BE(words, 2);
  body.copy(block, 4);
  return block;
}

/**
 * One RTP packet (RFC 3550, 5.1).
 * @param extension of `headerExtension`, or null @param payload its pieces, in order
 */
export function writeRtp(head: RtpHead, extension: Buffer | null, payload: readonly Buffer[]): Buffer {
  const headBytes = FIXED_BYTES + (extension?.length ?? 0);
  const packet = Buffer.allocUnsafe(payload.reduce((sum, piece) => sum + piece.length, headBytes));
  packet[0] = VERSION_2 | (extension ? HAS_EXTENSION : 0);
  packet[1] = head.payloadType | (head.isLast ? MARKER : 0);
  packet.writeUInt16BE(head.sequence, 2);
  packet.writeUInt32BE(head.timestamp, 4);
  packet.writeUInt32BE(head.ssrc, 8);
  extension?.copy(packet, FIXED_BYTES);
  let at = headBytes;
  for (const piece of payload) at += piece.copy(packet, at);
  return packet;
}
