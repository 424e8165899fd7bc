import type { Frame } from 'node-av';
import type { Rung } from '#core/scene/rungs';
import { SOFTWARE } from './encoder-kinds.ts';
import { EncoderLost } from './encoder-lost.ts';
import type { FramePacer } from './frame-pacer.ts';
import type { VideoEncoder, VideoPacket } from './video.ts';

/** The part of an encoder that a rung needs; tests give one that fails. */
export type RungEncoder = Pick<VideoEncoder, 'encode' | 'finish' | 'close' | 'avcC' | 'codecs' | 'settings'> & {
  readonly name: string;
};

const SMOOTH = 0.1;
/** Encoders opened anew in place of one that failed, in a row without a good segment between. */
const MOST_REOPENS = 3;
/** Pictures after which a new encoder counts as good. */
const GOOD_AFTER = 300;

/** One rung at work: its encoder, its place on the timeline, whether it is on. */
export class RungLine {
  readonly rung: Rung;
  readonly pacer: FramePacer;
  encoder: RungEncoder;
  /** Wanted by the governor; takes effect at the next border of a segment. */
  wanted = true;
  on = true;
  /** Its encoder failed and could not be had again: it does not come back in this process. */
  failed = false;
  /** Smoothed time that one picture takes, in ms. */
  encodeMs = 0;
  readonly #reopen: () => Promise<RungEncoder>;
  readonly #keyTicks: number;
  #reopens = 0;
  #good = 0;
  #needsKey = false;

  constructor(
    rung: Rung,
    encoder: RungEncoder,
    pacer: FramePacer,
    reopen: () => Promise<RungEncoder>,
    keyTicks = Number.POSITIVE_INFINITY,
  ) {
    this.#keyTicks = keyTicks;
    this.rung = rung;
    this.encoder = encoder;
    this.pacer = pacer;
    this.#reopen = reopen;
  }

  /** Carries out a wish to stop or to come back, if a border was reached. @returns true when `on` changed */
  turn(tick: number): boolean {
    if (this.on && !this.wanted && this.pacer.atBorder) {
      this.on = false;
      return true;
    }
    const segment = this.pacer.segmentOf(tick);
    if (this.on || !this.wanted || this.failed || segment <= this.pacer.segmentOf(Math.max(0, this.#offAt)))
      return false;
    this.pacer.skipTo(segment);
    this.on = true;
    return true;
  }

  #offAt = -1;

  /** A rung that is off watches the ticks go by, so that it comes back at a border and not within a segment. */
  passed(tick: number): void {
    this.#offAt = tick;
  }

  /**
   * Encodes this tick's picture wherever it is due.
   * @throws when the encoder fails and no new one can be had; EncoderLost when another kind of encoder may go on in another process
   */
  async encode(frame: Frame, tick: number): Promise<VideoPacket[]> {
    const packets: VideoPacket[] = [];
    const startedAt = performance.now();
    const places = this.pacer.place(tick, !this.wanted);
    for (const place of places) packets.push(...(await this.#encodeAt(frame, place)));
    if (places.length > 0) {
      this.encodeMs += ((performance.now() - startedAt) / places.length - this.encodeMs) * SMOOTH;
    }
    return packets;
  }

  async #encodeAt(frame: Frame, place: { pts: number; duration: number; key: boolean }): Promise<VideoPacket[]> {
    const key = place.key || this.#needsKey || place.pts % this.#keyTicks === 0;
    try {
      const packets = await this.encoder.encode(frame, { ...place, key });
      this.#needsKey = false;
      if (++this.#good === GOOD_AFTER) this.#reopens = 0;
      return packets;
    } catch (error) {
      const next = ++this.#reopens > MOST_REOPENS ? null : await this.#openAlike();
      if (!next) throw this.encoder.name === SOFTWARE ? error : new EncoderLost(this.encoder.name, error);
      this.#good = 0;
      this.encoder.close();
      this.encoder = next;
      this.#needsKey = true;
      return this.#encodeAt(frame, place);
    }
  }

  /** Players keep the init segment: of an encoder with other parameter sets they could not read the pictures. */
  async #openAlike(): Promise<RungEncoder | null> {
    const next = await this.#reopen().catch(() => null);
    if (!next || next.avcC.equals(this.encoder.avcC)) return next;
    next.close();
    return null;
  }
}
