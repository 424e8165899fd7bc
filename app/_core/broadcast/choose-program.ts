import { z } from 'zod';
import { type Latency, Program, SceneRung } from '#core/scene/scene';

/** The usual rungs by name: short side in pixels, kbit/s at 30 pictures a second. */
export const RUNGS = {
  '1080p': { height: 1080, bitrateKbps: 4500 },
  '720p': { height: 720, bitrateKbps: 3000 },
  '480p': { height: 480, bitrateKbps: 1200 },
  '360p': { height: 360, bitrateKbps: 700 },
  '160p': { height: 160, bitrateKbps: 200, fps: 15 },
} as const;
export type RungName = keyof typeof RUNGS;
export const RUNG_NAMES = Object.keys(RUNGS) as [RungName, ...RungName[]];

/** Width by height. */
export const SHAPES = { wide: 16 / 9, upright: 9 / 16, square: 1 } as const;
/** Twice the pictures do not cost twice the bits. */
export const MORE_FOR_60 = 1.5;
const LONGEST = 3840;

/** What a host chooses of the picture; fixed while the broadcast is on air. */
export const ProgramWish = z.strictObject({
  /** `auto`: wide, or as an encoder's picture that is there when the broadcast is started. */
  shape: z.enum(['auto', 'wide', 'upright', 'square']).default('auto'),
  fps: z.int().min(5).max(60).default(30),
  /** Names of the usual rungs, or rungs of one's own; the largest one is the size of the picture. The install's default when absent. */
  rungs: z
    .array(z.union([z.enum(RUNG_NAMES), z.strictObject(SceneRung.shape)], { error: rungProblem }))
    .min(1)
    .max(6)
    .superRefine((rungs, context) => {
      const seen = new Set<string | number>();
      for (const [index, rung] of rungs.entries()) {
        const { id, height } = rungOf(rung);
        if (seen.has(id) || seen.has(height)) {
          context.addIssue({ code: 'custom', path: [index], message: 'is there already, by its name or its height' });
        }
        seen.add(id).add(height);
      }
    })
    .optional(),
});
export type ProgramWish = z.infer<typeof ProgramWish>;

function rungProblem(): string {
  return `must be one of ${RUNG_NAMES.join(', ')}, or { id, height, bitrateKbps, fps? } with height from 90 to 2160 and bitrateKbps from 50 to 20000`;
}

function rungOf(rung: RungName | SceneRung): SceneRung {
  return typeof rung === 'string' ? { id: rung, ...RUNGS[rung] } : rung;
}

/**
 * The program of a broadcast: size, frame rate, rungs. Pure.
 * @param wish what the host chose; null = nothing
 * @param defaults rungs of this install when the host chose none
 */
export function chooseProgram(
  wish: ProgramWish | null,
  latency: Latency,
  defaults: readonly [RungName, ...RungName[]],
): Program {
  const { shape, fps, rungs } = wish ?? { shape: 'auto' as const, fps: 30, rungs: undefined };
  const named = (rung: RungName | SceneRung): SceneRung => {
    if (typeof rung !== 'string') return rung.fps && rung.fps > fps ? { ...rung, fps } : rung;
    const { bitrateKbps, ...rest } = rungOf(rung);
    // A small rung that keeps its own low rate needs no more bits.
    const fast = fps > 30 && rest.fps === undefined;
    const capped = rest.fps === undefined ? {} : { fps: Math.min(rest.fps, fps) };
    return { ...rest, ...capped, bitrateKbps: fast ? Math.round(bitrateKbps * MORE_FOR_60) : bitrateKbps };
  };
  const ladder = (rungs ?? [...defaults]).map(named).sort((a, b) => b.height - a.height);
  const short = evenOf(Math.max(...ladder.map(({ height }) => height)));
  const follows = shape === 'auto' ? { shape } : {};
  return Program.parse({
    ...sizeOf(SHAPES[shape === 'auto' ? 'wide' : shape], short),
    fps,
    ladder,
    latency,
    ...follows,
  });
}

/** @param ratio width by height @param short the shorter side, even */
export function sizeOf(ratio: number, short: number): { width: number; height: number } {
  return ratio >= 1
    ? { width: evenOf(Math.min(LONGEST, short * ratio)), height: short }
    : { width: short, height: evenOf(Math.min(LONGEST, short / ratio)) };
}

/** The shape that a picture is nearest to. */
export function shapeOf({ width, height }: { width: number; height: number }): keyof typeof SHAPES {
  const distance = (ratio: number) => Math.abs(Math.log(width / height / ratio));
  const shapes = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
  return shapes.reduce((best, shape) => (distance(SHAPES[shape]) < distance(SHAPES[best]) ? shape : best));
}

function evenOf(length: number): number {
  return Math.round(length / 2) * 2;
}
