import type { Frame } from 'node-av/lib';
import { type EncodingWish, encodingsFor } from './encoding-wish.ts';
import { type PictureCodec, PictureDecoder } from './picture-decoder.ts';
import { PictureEncoder } from './picture-encoder.ts';

/** With more pictures waiting, they are decoded but not encoded: the rate falls, the delay stays. */
const MAX_WAITING_TO_ENCODE = 8;
/** Not even decoding keeps up: everything up to the next key frame is given up. */
const MAX_WAITING = 300;

type Waiting = { data: Buffer; dtsMs: number; ptsMs: number; isKey: boolean };

/**
 * Decodes and encodes anew, one picture after the other, off the event loop. When the machine is too slow pictures are left
 * out, so the delay stays bounded.
 */
export class PictureTranscode {
  private readonly decoder: PictureDecoder;
  /** One a layer, the largest first. */
  private encoders: PictureEncoder[] = [];
  private wanted: readonly boolean[];
  private readonly waiting: Waiting[] = [];
  private isRunning = false;
  private isClosed = false;
  private skipsToKey = false;
  dropped = 0;
  /** When the next picture is wanted, where a rate is wished. */
  private dueMs = Number.NEGATIVE_INFINITY;
  /** Of the pictures decoded last. */
  size: { width: number; height: number } | null = null;

  /** @throws Error when the decoder does not take the configuration */
  constructor(
    private readonly options: {
      codec: PictureCodec;
      config: Buffer | null;
      /** Pictures a second, as far as known: for the rate control. */
      fps: number;
      wish: EncodingWish | null;
      /** Last picture that was sent otherwise, output clock; -Infinity shows all. */
      showAfterMs: number;
      /** Whether anybody receives each layer; the largest is sent in any case. */
      wanted: readonly boolean[];
      write(data: Buffer, ptsMs: number, isKey: boolean, layer: number): void;
      log(level: 'warn' | 'error', text: string): void;
    },
  ) {
    this.wanted = options.wanted;
    this.decoder = new PictureDecoder(options.codec, options.config);
  }

  /**
   * @param dtsMs @param ptsMs output clock
   */
  push(picture: Waiting): void {
    if (this.isClosed) return;
    if (picture.isKey) this.skipsToKey = false;
    if (this.skipsToKey) {
      this.dropped += 1;
      return;
    }
    if (this.waiting.length >= MAX_WAITING) {
      this.dropped += this.waiting.length + 1;
      this.waiting.length = 0;
      this.skipsToKey = !picture.isKey;
      if (this.skipsToKey) return;
    }
    this.waiting.push(picture);
    if (!this.isRunning) void this.run();
  }

  /** Somebody begins to watch now: do not let them wait. */
  requestKey(layer: number): void {
    this.encoders[layer]?.requestKey();
  }

  /** A smaller layer that nobody receives costs nothing; wanted again, it begins with a key frame. */
  layersWanted(wanted: readonly boolean[]): void {
    wanted.forEach((isWanted, layer) => {
      if (isWanted && this.wanted[layer] === false) this.requestKey(layer);
    });
    this.wanted = wanted;
  }

  close(): void {
    this.isClosed = true;
    this.waiting.length = 0;
    if (!this.isRunning) this.free();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let next = this.waiting.shift(); next && !this.isClosed; next = this.waiting.shift()) {
      try {
        for (const frame of await this.decoder.decode(next.data, next.dtsMs, next.ptsMs)) {
          await this.show(frame);
        }
      } catch (error) {
        this.options.log('error', `transcode: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.isRunning = false;
    if (this.isClosed) this.free();
  }

  private async show(frame: Frame): Promise<void> {
    try {
      const ptsMs = Number(frame.bestEffortTimestamp);
      if (this.isClosed || ptsMs <= this.options.showAfterMs || this.isAboveRate(ptsMs)) return;
      if (this.waiting.length > MAX_WAITING_TO_ENCODE) {
        this.dropped += 1;
        return;
      }
      if (!this.encoders.every((encoder) => encoder.accepts(frame))) this.closeEncoders();
      if (this.encoders.length === 0) await this.openEncoders(frame);
      for (const [layer, encoder] of this.encoders.entries()) {
        if (layer > 0 && this.wanted[layer] === false) continue;
        for (const made of await encoder.encode(frame, ptsMs)) {
          this.options.write(made.data, made.ptsMs, made.isKey, layer);
        }
      }
    } finally {
      frame.free();
    }
  }

  /** Pictures above the wished rate are left out evenly. */
  private isAboveRate(ptsMs: number): boolean {
    const { wish } = this.options;
    if (!wish?.fps) return false;
    const periodMs = 1000 / wish.fps;
    // A quarter of a period of play, so that 30 of 30 pass with the rounding of their timestamps.
    if (ptsMs < this.dueMs - periodMs / 4) return true;
    this.dueMs = ptsMs - this.dueMs > 4 * periodMs ? ptsMs + periodMs : this.dueMs + periodMs;
    return false;
  }

  private async openEncoders({ width, height, format }: Frame): Promise<void> {
    this.size = { width, height };
    const { wish, fps } = this.options;
    const input = { width, height, format: Number(format) };
    for (const encoding of wish ? encodingsFor(wish, input) : [null]) {
      this.encoders.push(await PictureEncoder.open(input, fps, encoding));
    }
  }

  private closeEncoders(): void {
    for (const encoder of this.encoders.splice(0)) encoder.close();
  }

  private free(): void {
    this.closeEncoders();
    this.decoder.close();
  }
}
