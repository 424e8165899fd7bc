import type { Frame } from 'node-av';
import { Scaler } from './scaler.ts';
import { VideoEncoder, type VideoPacket } from './video.ts';

/** What the ladder is asked for; declared here, taken from the scene's program. */
export type ProgramSize = {
  width: number;
  height: number;
  fps: number;
  ladder: readonly { id: string; height: number; bitrateKbps: number }[];
};

export type Rung = { id: string; width: number; height: number; bitrateKbps: number };

/** Rungs that can be made, highest first: never scaled up, each height once, sides even. */
export function rungsOf(program: ProgramSize): Rung[] {
  const rungs = new Map<number, Rung>();
  for (const { id, height, bitrateKbps } of program.ladder) {
    const side = Math.floor(Math.min(height, program.height) / 2) * 2;
    const width = side === program.height ? program.width : Math.round((program.width * side) / program.height / 2) * 2;
    if (!rungs.has(side)) rungs.set(side, { id, width, height: side, bitrateKbps });
  }
  return [...rungs.values()].sort((a, b) => b.height - a.height);
}

/** One encoder a rung; every rung gets the same pictures, at the same instants, with the same key frames. */
export class Ladder {
  readonly rungs: { rung: Rung; encoder: VideoEncoder; scaler: Scaler | null }[];

  private constructor(rungs: Ladder['rungs']) {
    this.rungs = rungs;
  }

  static async open(program: ProgramSize): Promise<Ladder> {
    const rungs: Ladder['rungs'] = [];
    let above: { width: number; height: number } = program;
    for (const rung of rungsOf(program)) {
      const { width, height, bitrateKbps } = rung;
      const same = width === above.width && height === above.height;
      const scaler = same ? null : new Scaler(above, rung);
      rungs.push({ rung, scaler, encoder: await VideoEncoder.open({ width, height, bitrateKbps, fps: program.fps }) });
      above = rung;
    }
    return new Ladder(rungs);
  }

  /** Encodes one picture in all rungs, side by side; packets in order of the rungs. The frame stays the caller's. */
  async encode(frame: Frame, place: { pts: number; duration: number; key: boolean }): Promise<VideoPacket[][]> {
    const scaled: Frame[] = [];
    try {
      const work: Promise<VideoPacket[]>[] = [];
      let above = frame;
      for (const { encoder, scaler } of this.rungs) {
        if (scaler) {
          above = await scaler.scale(above);
          scaled.push(above);
        }
        work.push(encoder.encode(above, place));
      }
      return await Promise.all(work);
    } finally {
      for (const one of scaled) one.free();
    }
  }

  async finish(): Promise<VideoPacket[][]> {
    return Promise.all(this.rungs.map(({ encoder }) => encoder.finish()));
  }

  close(): void {
    for (const { encoder, scaler } of this.rungs) {
      encoder.close();
      scaler?.close();
    }
  }
}
