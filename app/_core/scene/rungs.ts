import type { Program } from './scene.ts';

/** One rung as it is made: size in pixels (even), and every `step`-th picture of the program. */
export type Rung = { id: string; width: number; height: number; fps: number; step: number; bitrateKbps: number };

type Asked = Pick<Program, 'width' | 'height' | 'fps' | 'ladder'>;

/**
 * Rungs that can be made of a program, largest first. A rung's `height` is the short side, so the same ladder serves wide, upright
 * and square programs. Never scaled up: what is asked larger has the program's size; of two rungs of one size or one id the first counts.
 */
export function rungsOf(program: Asked): Rung[] {
  const short = Math.min(program.width, program.height);
  const rungs = new Map<number, Rung>();
  const ids = new Set<string>();
  for (const { id, height, bitrateKbps, fps = program.fps } of program.ladder) {
    const side = Math.max(2, Math.floor(Math.min(height, short) / 2) * 2);
    if (rungs.has(side) || ids.has(id)) continue;
    ids.add(id);
    const step = Math.max(1, Math.ceil(program.fps / fps - 1e-9));
    const scaled = (length: number) => (side === short ? length : Math.round((length * side) / short / 2) * 2);
    const size = { width: scaled(program.width), height: scaled(program.height) };
    rungs.set(side, { id, ...size, fps: program.fps / step, step, bitrateKbps });
  }
  return [...rungs.entries()].sort(([a], [b]) => b - a).map(([, rung]) => rung);
}

/** Pixels encoded a second over all rungs: what the ladder costs, roughly. */
export function pixelRateOf(program: Asked): number {
  return rungsOf(program).reduce((sum, { width, height, fps }) => sum + width * height * fps, 0);
}
