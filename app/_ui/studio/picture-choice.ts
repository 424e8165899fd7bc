import type { Latency, Program } from '#core/scene/scene';

/** What a host chooses of the picture in the studio. */
export type PictureChoice = { shape: Shape; quality: Quality; latency: Latency };

export const SHAPES = ['auto', 'wide', 'upright', 'square'] as const;
export type Shape = (typeof SHAPES)[number];
export const LATENCIES = ['low', 'ultra', 'standard'] as const satisfies readonly Latency[];

type Rungs = { rungs: string[]; fps: number };
const FULL_HD = ['1080p', '720p', '480p', '360p'];

/** `usual`: what the operator set, or what was chosen through the API. */
const LADDERS: Record<Exclude<Quality, 'usual'>, Rungs> = {
  fast: { rungs: FULL_HD, fps: 60 },
  fullHd: { rungs: FULL_HD, fps: 30 },
  hd: { rungs: ['720p', '480p', '360p'], fps: 30 },
  light: { rungs: ['480p', '360p'], fps: 30 },
};
export const QUALITIES = ['usual', 'hd', 'fullHd', 'fast', 'light'] as const;
export type Quality = (typeof QUALITIES)[number];

/** The part of a broadcast that the API is told: its `program` and its `latency`. */
export type PictureWish = { program: { shape: Shape; rungs?: string[]; fps?: number }; latency: Latency };

export function wishOf({ shape, quality, latency }: PictureChoice): PictureWish {
  return { program: { shape, ...(quality === 'usual' ? {} : LADDERS[quality]) }, latency };
}

/** What a broadcast is made with, as the form shows it. */
export function choiceOf(broadcast: { program?: Program; latency?: Latency } | null): PictureChoice {
  const program = broadcast?.program;
  const latency = broadcast?.latency ?? 'low';
  if (!program) return { shape: 'auto', quality: 'usual', latency };
  const ids = program.ladder.map(({ id }) => id).join();
  const named = Object.entries(LADDERS).find(([, { rungs, fps }]) => rungs.join() === ids && fps === program.fps);
  return { shape: shapeOf(program), quality: (named?.[0] as Quality | undefined) ?? 'usual', latency };
}

function shapeOf({ shape, width, height }: Program): Shape {
  if (shape === 'auto') return 'auto';
  if (width === height) return 'square';
  return width > height ? 'wide' : 'upright';
}

/** What the API is told of a change: nothing of what stayed, since rungs of one's own are not to be seen in the form. */
export function changeOf(before: PictureChoice, after: PictureChoice): Partial<PictureWish> {
  const { program, latency } = wishOf(after);
  const samePicture = before.shape === after.shape && before.quality === after.quality;
  return { ...(samePicture ? {} : { program }), ...(before.latency === latency ? {} : { latency }) };
}
