import type { Frame } from 'node-av';
import { type Rung, rungsOf } from '#core/scene/rungs';
import type { Program } from '#core/scene/scene';
import { Scaler } from '../scaler.ts';
import { EncoderLost } from './encoder-lost.ts';
import { FramePacer } from './frame-pacer.ts';
import { type RungEncoder, RungLine } from './rung-line.ts';
import { VideoEncoder, type VideoPacket, type VideoSettings } from './video.ts';

export type LadderInput = {
  program: Pick<Program, 'width' | 'height' | 'fps' | 'ladder'>;
  /** Lengths of segments and parts in seconds: where rungs begin, stop and come back. */
  segmentS: number;
  partS: number;
  /** Ticks between key frames; one a segment unless said otherwise. */
  keyTicks?: number;
  /** H.264 profile of every rung. */
  profile?: VideoSettings['profile'];
  /** How an encoder is had; x264 unless said otherwise. */
  open?(settings: VideoSettings): Promise<RungEncoder>;
};

/** What came out of one rung at a tick; `changed` when it went off or on just before. */
export type RungOutput = { line: RungLine; packets: VideoPacket[]; changed: boolean };

/** Rates at or above this may be halved when the machine is short of CPU. */
const LEAST_HALVED_FPS = 20;

/**
 * One encoder a rung. Every rung gets the pictures of the same instants, on one grid of segments and parts; each is scaled from the
 * nearest larger one. A rung goes off and comes back at borders of segments only.
 */
export class Ladder {
  readonly lines: RungLine[];
  readonly #program: { width: number; height: number };
  readonly #scalers = new Map<string, Scaler>();

  private constructor(program: { width: number; height: number }, lines: RungLine[]) {
    this.#program = program;
    this.lines = lines;
  }

  /** @throws when an encoder cannot be had */
  static async open(input: LadderInput): Promise<Ladder> {
    const { program, segmentS, partS, keyTicks, profile } = input;
    const open = input.open ?? ((settings: VideoSettings) => VideoEncoder.open(settings));
    const lines: RungLine[] = [];
    try {
      for (const rung of rungsOf(program)) {
        const { width, height, bitrateKbps, fps, step } = rung;
        const settings = { width, height, bitrateKbps, fps, clockFps: program.fps, profile };
        const pacer = new FramePacer(program.fps, segmentS, partS, step);
        lines.push(new RungLine(rung, await open(settings), pacer, () => open(settings), keyTicks));
      }
    } catch (error) {
      for (const { encoder } of lines) encoder.close();
      throw error;
    }
    return new Ladder(program, lines);
  }

  get rungs(): { rung: Rung; encoder: RungEncoder }[] {
    return this.lines;
  }

  /** False when no rung needs the picture of this tick: then it need not be composed. */
  isDue(tick: number): boolean {
    return this.lines.some((line) => (line.on ? line.pacer.isDue(tick) : line.wanted && !line.failed));
  }

  /** Asks a rung to stop or to come back, at the next border of a segment. The largest rung always stays. */
  want(id: string, on: boolean): void {
    const line = this.lines.find(({ rung }) => rung.id === id);
    if (line && line !== this.lines[0]) line.wanted = on && !line.failed;
  }

  /** Half the frame rate in every rung that has at least 20 a second, from the next segment on. */
  setHalfRate(half: boolean): void {
    for (const { pacer, rung } of this.lines) {
      pacer.setStep(half && rung.fps >= LEAST_HALVED_FPS ? rung.step * 2 : rung.step);
    }
  }

  /**
   * Encodes one picture in all rungs that are on, side by side, largest first. The frame stays the caller's.
   * @throws when the largest rung's encoder fails for good; of another one it only ends that rung. EncoderLost of any rung: another process
   *   can make it with another encoder
   */
  async encode(frame: Frame, tick: number): Promise<RungOutput[]> {
    const scaled: Frame[] = [];
    const work: Promise<RungOutput>[] = [];
    try {
      let above = { frame, width: this.#program.width, height: this.#program.height };
      for (const line of this.lines) {
        const changed = line.turn(tick);
        if (line.on && line.pacer.isDue(tick)) {
          const { width, height } = line.rung;
          if (width !== above.width || height !== above.height) {
            above = { frame: await this.#scalerFor(above, line.rung).scale(above.frame), width, height };
            scaled.push(above.frame);
          }
          const encoding = this.#encodeLine(line, above.frame, tick, changed);
          // It may fail while the next rung's picture is still being scaled; it is heard below.
          encoding.catch(() => undefined);
          work.push(encoding);
        } else work.push(Promise.resolve({ line, packets: [], changed }));
        if (!line.on) line.passed(tick);
      }
      return await Promise.all(work);
    } finally {
      // After a failure others may still read their pictures.
      await Promise.allSettled(work);
      for (const one of scaled) one.free();
    }
  }

  async finish(): Promise<RungOutput[]> {
    return Promise.all(
      this.lines.map(async (line) => {
        const packets = line.on ? await line.encoder.finish() : [];
        return { line, packets, changed: false };
      }),
    );
  }

  close(): void {
    for (const { encoder } of this.lines) encoder.close();
    for (const scaler of this.#scalers.values()) scaler.close();
    this.#scalers.clear();
  }

  async #encodeLine(line: RungLine, frame: Frame, tick: number, changed: boolean): Promise<RungOutput> {
    try {
      const packets = await line.encode(frame, tick);
      if (line.on && !line.wanted && line.pacer.atBorder) {
        line.on = false;
        return { line, packets, changed: true };
      }
      return { line, packets, changed };
    } catch (error) {
      if (line === this.lines[0] || error instanceof EncoderLost) throw error;
      line.failed = true;
      line.wanted = false;
      line.on = false;
      return { line, packets: [], changed: true };
    }
  }

  /** While a rung is off, the next one is made from the one above it. */
  #scalerFor(from: { width: number; height: number }, to: Rung): Scaler {
    const key = `${from.width}x${from.height}>${to.id}`;
    const known = this.#scalers.get(key);
    if (known) return known;
    const scaler = new Scaler(from, to);
    this.#scalers.set(key, scaler);
    return scaler;
  }
}
