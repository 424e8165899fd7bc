import type { Program, SceneRung } from '#core/scene/scene';
import { MORE_FOR_60, SHAPES, shapeOf, sizeOf } from './choose-program.ts';

/** A picture that comes from outside: an encoder's, whole. */
export type SourcePicture = {
  width: number;
  height: number;
  /** Null = not known. */
  fps: number | null;
};

/** What cameras and encoders make; below 15 a moving banner or a countdown stutters, whatever the source does. */
const RATES = [15, 24, 25, 30, 48, 50, 60] as const;
/** A measured rate is never quite the true one: this close it counts as that. */
const NEAR_RATE = 0.96;
/** A source that is nearly as large as the next rung asks for no rung between. */
const NEAR = 0.8;
const LEAST_SHORT = 90;

/**
 * The program for one source that fills the picture: its shape where the host chose none, and neither larger nor faster than the source,
 * since scaling up costs bits and CPU and shows nothing. Pure. What fits already comes back as it is.
 */
export function fitProgram(program: Program, source: SourcePicture): Program {
  if (source.width < 2 || source.height < 2) return program;
  const shaped =
    program.shape === 'auto' ? { ...program, ...sizeOf(SHAPES[shapeOf(source)], shortOf(program)) } : program;
  return fitRate(fitSize(shaped, source), source.fps);
}

const shortOf = ({ width, height }: { width: number; height: number }) => Math.min(width, height);

function fitSize(program: Program, source: SourcePicture): Program {
  const growth = Math.min(program.width / source.width, program.height / source.height);
  if (growth <= 1) return program;
  const most = Math.max(LEAST_SHORT, Math.floor(shortOf(program) / growth / 2) * 2);
  if (most >= shortOf(program)) return program;
  const ladder = fitLadder(program.ladder, most);
  const short = Math.max(...ladder.map(({ height }) => height));
  return { ...program, ...sizeOf(program.width / program.height, short), ladder };
}

/** Rungs up to a height; one more of just that height when nothing is near it. */
function fitLadder(ladder: readonly SceneRung[], most: number): SceneRung[] {
  const kept = ladder.filter(({ height }) => height <= most);
  const largest = Math.max(0, ...kept.map(({ height }) => height));
  if (largest >= most * NEAR) return kept;
  const above = ladder.filter(({ height }) => height > most).reduce((a, b) => (b.height < a.height ? b : a));
  // Fewer pixels need more bits each.
  const bitrateKbps = Math.max(50, Math.round(above.bitrateKbps * (most / above.height) ** 1.5));
  const id = kept.some((rung) => rung.id === `${most}p`) ? `${most}p-source` : `${most}p`;
  return [{ ...above, id, height: most, bitrateKbps }, ...kept];
}

function fitRate(program: Program, fps: number | null): Program {
  if (fps === null || fps <= 0 || fps >= program.fps * NEAR_RATE) return program;
  const off = (rate: number) => Math.abs(Math.log(fps / rate));
  const nearest = RATES.reduce<number>((best, rate) => (off(rate) < off(best) ? rate : best), RATES[0]);
  const isThat = off(nearest) <= -Math.log(NEAR_RATE);
  const slower = isThat ? nearest : RATES.find((rate) => rate >= fps);
  if (slower === undefined || slower >= program.fps) return program;
  const ladder = program.ladder.map((rung) => slowRung(rung, program.fps, slower));
  return { ...program, fps: slower, ladder };
}

function slowRung(rung: SceneRung, before: number, now: number): SceneRung {
  const own = rung.fps === undefined ? {} : { fps: Math.min(rung.fps, now) };
  const wasFast = before > 30 && now <= 30 && rung.fps === undefined;
  return { ...rung, ...own, bitrateKbps: wasFast ? Math.round(rung.bitrateKbps / MORE_FOR_60) : rung.bitrateKbps };
}
