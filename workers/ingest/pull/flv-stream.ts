import type { TagType } from '../rtmp/session.ts';

const FILE_HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
const PREVIOUS_SIZE_BYTES = 4;
/** As large as the RTMP front takes a message. */
const MAX_TAG_BYTES = 8 * 1024 * 1024;

/** Cuts an FLV byte stream (Adobe Video File Format 10.1, E.2 to E.4) into its tags. */
export class FlvStream {
  private waiting: Buffer[] = [];
  private size = 0;
  /** Bytes needed before anything can be done. */
  private need = FILE_HEADER_BYTES + PREVIOUS_SIZE_BYTES;
  private isBegun = false;

  constructor(private readonly onTag: (type: TagType, timestampMs: number, body: Buffer) => void) {}

  /** @throws Error when it is no FLV */
  push(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.size += bytes.length;
    if (this.size < this.need) return;
    let input = this.waiting.length === 1 && this.waiting[0] ? this.waiting[0] : Buffer.concat(this.waiting);
    if (!this.isBegun) {
      if (input.toString('latin1', 0, 3) !== 'FLV') throw new Error('not FLV');
      input = input.subarray(FILE_HEADER_BYTES + PREVIOUS_SIZE_BYTES);
      this.isBegun = true;
    }
    this.need = TAG_HEADER_BYTES;
    while (input.length >= TAG_HEADER_BYTES) {
      const length = input.readUIntBE(1, 3);
      if (length > MAX_TAG_BYTES) throw new Error('FLV tag too large');
      const end = TAG_HEADER_BYTES + length + PREVIOUS_SIZE_BYTES;
      if (input.length < end) {
        this.need = end;
        break;
      }
      const type = input.readUInt8(0) & 0x1f;
      const timestampMs = input.readUIntBE(4, 3) + input.readUInt8(7) * 0x1_00_00_00;
      // A copy: the tag may be kept, the pipe's large buffer must not be.
      const body = Buffer.from(input.subarray(TAG_HEADER_BYTES, TAG_HEADER_BYTES + length));
      if ((type === 8 || type === 9 || type === 18) && length > 0) this.onTag(type, timestampMs, body);
      input = input.subarray(end);
    }
    this.waiting = input.length > 0 ? [input] : [];
    this.size = input.length;
  }
}
