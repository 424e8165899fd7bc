/** Where the n-th picture of a sheet lies. */
export type Tile = { sheet: number; x: number; y: number; width: number; height: number };
/** One picture of the storyboard: when it was taken, in seconds of the playlist, and where it lies. */
export type Cue = Tile & { atS: number };

/** Pictures across and down one sheet: a player that shows one fetches its neighbours with it, and not the whole show. */
export const SHEET_SIDE = 5;
export const TILES_A_SHEET = SHEET_SIDE * SHEET_SIDE;
const AREA = 160 * 90;

/** Pictures may be rarer the longer a show is: nobody seeks by five seconds in hour four. Below `untilS`, every `everyS`. */
const STEPS = [
  { untilS: 3600, everyS: 5 },
  { untilS: 3 * 3600, everyS: 10 },
  { untilS: Number.POSITIVE_INFINITY, everyS: 30 },
] as const;

/** Seconds from a picture at this instant to the next one. */
export function stepAfter(atS: number): number {
  return STEPS.find(({ untilS }) => atS < untilS)?.everyS ?? 30;
}

/** The size of one picture: the area of 160 × 90 in the program's shape, sides even. */
export function tileSize(program: { width: number; height: number }): { width: number; height: number } {
  const height = Math.sqrt((AREA * program.height) / program.width);
  const even = (side: number) => Math.max(2, Math.round(side / 2) * 2);
  return { width: even((height * program.width) / program.height), height: even(height) };
}

/** Where the `index`-th picture since `firstSheet` lies. */
export function tileAt(index: number, firstSheet: number, size: { width: number; height: number }): Tile {
  const inSheet = index % TILES_A_SHEET;
  const sheet = firstSheet + Math.floor(index / TILES_A_SHEET);
  const [x, y] = [inSheet % SHEET_SIDE, Math.floor(inSheet / SHEET_SIDE)];
  return { sheet, x: x * size.width, y: y * size.height, ...size };
}

function timeOf(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

const HEAD = 'WEBVTT\n';

/**
 * The track that names the picture for each time: WebVTT whose cues are image addresses with a spatial media fragment.
 * @param cues in order of time; each lasts until the next one begins, so no time is without a picture
 * Source: W3C WebVTT 1; W3C Media Fragments URI 1.0, 4.2.2
 */
export function renderStoryboard(cues: readonly Cue[]): string {
  const lines = cues.map(({ atS, sheet, x, y, width, height }, i) => {
    const endS = cues[i + 1]?.atS ?? atS + stepAfter(atS);
    return `\n${timeOf(i === 0 ? 0 : atS)} --> ${timeOf(endS)}\nstoryboard-${sheet}.jpg#xywh=${x},${y},${width},${height}\n`;
  });
  return HEAD + lines.join('');
}

const CUE = /^(\d{2,}):(\d\d):(\d\d)\.(\d{3}) --> .*\nstoryboard-(\d+)\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

/** Reads back what `renderStoryboard` wrote; anything else in it is passed over. */
export function readStoryboard(text: string): Cue[] {
  return [...text.matchAll(CUE)].map(([, h, m, s, ms, ...rest]) => {
    const [sheet = 0, x = 0, y = 0, width = 0, height = 0] = rest.map(Number);
    return {
      atS: (((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms)) / 1000,
      sheet,
      x,
      y,
      width,
      height,
    };
  });
}
