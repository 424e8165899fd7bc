import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';

export type Pen = SKRSContext2D;
export type Weight = 400 | 500 | 600 | 700;

const SUBSETS = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'greek-ext', 'vietnamese'];
let families: string | null = null;

/**
 * Inter as it comes with the interface, then whatever fonts the machine has for other scripts (`fonts-noto-core`, `fonts-noto-cjk`,
 * `fonts-noto-color-emoji` on Debian). Loaded once a process: 0.2 s, so before the clock starts.
 */
export function loadFonts(): void {
  families ??= registerFonts();
}

function registerFonts(): string {
  const names: string[] = [];
  try {
    const folder = join(
      dirname(createRequire(import.meta.url).resolve('@fontsource-variable/inter/package.json')),
      'files',
    );
    for (const subset of SUBSETS) {
      const name = `Openair ${subset}`;
      if (GlobalFonts.register(readFileSync(join(folder, `inter-${subset}-wght-normal.woff2`)), name)) names.push(name);
    }
  } catch {
    // Without it the machine's own fonts serve.
  }
  return [...names.map((name) => `"${name}"`), '"DejaVu Sans"', 'sans-serif'].join(', ');
}

export function font(size: number, weight: Weight): string {
  loadFonts();
  return `${weight} ${size}px ${families}`;
}

/** A transparent canvas of even sides with its pen. */
export function paper(width: number, height: number): { pen: Pen; width: number; height: number } {
  const size = { width: Math.max(2, Math.ceil(width / 2) * 2), height: Math.max(2, Math.ceil(height / 2) * 2) };
  return { pen: createCanvas(size.width, size.height).getContext('2d'), ...size };
}

export function widthOf(pen: Pen, text: string): number {
  return pen.measureText(text).width;
}

/** One line of text set so that it fits: smaller down to `smallest`, then cut with an ellipsis. */
export type Line = { text: string; size: number; weight: Weight; width: number };

export function fitLine(
  pen: Pen,
  text: string,
  wish: { size: number; weight: Weight; room: number; smallest?: number },
): Line {
  const { weight, room } = wish;
  const smallest = Math.min(wish.size, wish.smallest ?? wish.size * 0.7);
  pen.font = font(wish.size, weight);
  const full = widthOf(pen, text);
  const size = full <= room ? wish.size : Math.max(smallest, Math.floor((wish.size * room) / Math.max(1, full)));
  pen.font = font(size, weight);
  const width = widthOf(pen, text);
  if (width <= room) return { text, size, weight, width };
  const glyphs = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  let kept = glyphs.length;
  const cut = () => `${glyphs.slice(0, kept).join('').trimEnd()}…`;
  while (kept > 0 && widthOf(pen, cut()) > room) kept--;
  return { text: cut(), size, weight, width: Math.min(room, widthOf(pen, cut())) };
}

/** Text in lines of at most `room` pixels in the pen's font, cut after `most` lines. Line feeds count; long words are broken. */
export function wrap(pen: Pen, text: string, room: number, most: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').flatMap((one) => breakWord(pen, one, room))) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (widthOf(pen, longer) <= room || line === '') line = longer;
      else {
        lines.push(line);
        line = word;
      }
    }
    lines.push(line);
  }
  if (lines.length <= most) return lines;
  let last = lines[most - 1] ?? '';
  while (last !== '' && widthOf(pen, `${last}…`) > room) last = last.slice(0, -1);
  return [...lines.slice(0, most - 1), `${last.trimEnd()}…`];
}

function breakWord(pen: Pen, word: string, room: number): string[] {
  if (widthOf(pen, word) <= room) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (piece !== '' && widthOf(pen, piece + segment) > room) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece];
}

/**
 * Writes a line whose capitals are centred on a height.
 * @param x where it begins, ends or has its middle, as `align` says
 */
export function write(
  pen: Pen,
  line: Pick<Line, 'text' | 'size' | 'weight'>,
  at: { x: number; middle: number; color: string; align?: CanvasTextAlign },
): void {
  pen.font = font(line.size, line.weight);
  pen.fillStyle = at.color;
  pen.textAlign = at.align ?? 'left';
  pen.textBaseline = 'alphabetic';
  // Inter's capitals are 0.727 of its size; the same line for every script.
  pen.fillText(line.text, at.x, at.middle + line.size * 0.3635);
}
type CanvasTextAlign = 'left' | 'center' | 'right';

/** Figures of one width, so that a clock does not tremble. */
export function tabular(pen: Pen): void {
  pen.fontVariantNumeric = 'tabular-nums';
}

/** Printable, one line, cut with an ellipsis. Direction overrides are taken out: they let one name look like another. */
export function oneLine(text: string, limit: number): string {
  const clean = printable(text).replace(/\s+/g, ' ').trim();
  const glyphs = [...clean];
  return glyphs.length <= limit ? clean : `${glyphs.slice(0, limit - 1).join('')}…`;
}

/** The same with its line feeds. */
export function printable(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]|(?!\n)\p{Cc}/gu, ' ');
}
