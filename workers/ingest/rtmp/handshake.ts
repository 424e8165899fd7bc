import { randomBytes } from 'node:crypto';
import { RtmpError } from './limits.ts';

const VERSION = 3;
const BLOCK = 1536;

/**
 * Server side of the RTMP handshake (Adobe RTMP 1.0, 5.2): C0 C1 in, S0 S1 S2 out, C2 in.
 *
 * S1 carries version zero, so clients that know the digest handshake (Flash, ffmpeg, OBS's librtmp) fall back to the simple one;
 * C2's content is not compared, since several encoders fill it freely.
 */
export class Handshake {
  private waiting: Buffer[] = [];
  private size = 0;
  private answered = false;
  done = false;

  constructor(private readonly write: (bytes: Buffer) => void) {}

  /**
   * @param bytes any cut of the client's byte stream
   * @returns what follows the handshake, empty until it is done
   * @throws RtmpError when the client speaks something else
   */
  push(bytes: Buffer): Buffer {
    const first = this.size === 0 ? bytes[0] : undefined;
    if (first !== undefined && first !== VERSION) throw new RtmpError(`not RTMP (first byte ${first})`);
    this.waiting.push(bytes);
    this.size += bytes.length;
    if (!this.answered) {
      if (this.size < 1 + BLOCK) return Buffer.alloc(0);
      this.answer(this.joined().subarray(1, 1 + BLOCK));
    }
    if (this.size < 1 + 2 * BLOCK) return Buffer.alloc(0);
    this.done = true;
    const rest = this.joined().subarray(1 + 2 * BLOCK);
    this.waiting = [];
    return rest;
  }

  private joined(): Buffer {
    const all = this.waiting.length === 1 && this.waiting[0] ? this.waiting[0] : Buffer.concat(this.waiting);
    this.waiting = [all];
    return all;
  }

  private answer(c1: Buffer): void {
    this.answered = true;
    const s1 = Buffer.concat([Buffer.alloc(8), randomBytes(BLOCK - 8)]);
    this.write(Buffer.concat([Buffer.from([VERSION]), s1, c1]));
  }
}
