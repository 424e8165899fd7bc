import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_PIX_FMT_YUV420P,
  FFmpegError,
  Filter,
  type FilterContext,
  FilterGraph,
  Frame,
} from 'node-av';
import { copyToFrame } from '../native-frame.ts';

/** A line of text on a still, in pixels; `x`, `y` null = centred. */
export type CardLine = { text: string; size: number; centerY: number };
export type Circle = { x: number; y: number; radius: number; color: string };
export type Card = { width: number; height: number; color: string; circle: Circle | null; lines: CardLine[] };

const FONTS = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/TTF/DejaVuSans.ttf',
];
const SAFE_PATH = /^[A-Za-z0-9/_.@-]+$/;

/** A font that is there: DejaVu (many scripts), else Inter as it comes with the interface (Latin); null = cards without text. */
export function findFont(): string | null {
  const system = FONTS.find((path) => existsSync(path));
  if (system) return system;
  try {
    const package_ = createRequire(import.meta.url).resolve('@fontsource-variable/inter/package.json');
    const path = join(package_, '..', 'files', 'inter-latin-wght-normal.woff2');
    return existsSync(path) && SAFE_PATH.test(path) ? path : null;
  } catch {
    return null;
  }
}

/**
 * Draws a still once: flat colour, a circle, lines of text. People's text reaches the filter by a file only, never by its arguments
 * (S-10), and is not expanded.
 * @returns a YUV 4:2:0 frame of the card's size, to be freed by the caller
 */
export async function drawCard(card: Card, font: string | null): Promise<Frame> {
  const blank = paint(card);
  const lines = font ? card.lines.filter((line) => line.text !== '') : [];
  if (!font || lines.length === 0) return blank;
  const files = lines.map(() => join(tmpdir(), `openair-card-${randomUUID()}.txt`));
  const graph = new FilterGraph();
  try {
    if (!files.every((file) => SAFE_PATH.test(file))) return blank;
    await Promise.all(lines.map((line, index) => writeFile(files[index] ?? '', line.text, { mode: 0o600 })));
    const out = await write(graph, blank, lines, files, font);
    blank.free();
    return out;
  } catch {
    return blank; // a card without text is better than no card
  } finally {
    graph.free();
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }
}

async function write(
  graph: FilterGraph,
  blank: Frame,
  lines: CardLine[],
  files: string[],
  font: string,
): Promise<Frame> {
  graph.alloc();
  const create = (name: string, id: string, args: string | null): FilterContext => {
    const filter = Filter.getByName(name);
    const context = filter && graph.createFilter(filter, id, args);
    if (!context) throw new Error(`the filter ${name} cannot be made`);
    return context;
  };
  const size = `width=${blank.width}:height=${blank.height}`;
  const source = create('buffer', 'in', `${size}:pix_fmt=${AV_PIX_FMT_YUV420P}:time_base=1/30:sar=1/1`);
  let last = source;
  for (const [index, line] of lines.entries()) {
    const text = `fontfile=${font}:textfile=${files[index]}:expansion=none:fontcolor=white:fontsize=${line.size}`;
    const next = create('drawtext', `text${index}`, `${text}:x=(w-text_w)/2:y=${line.centerY}-max_glyph_a/2`);
    FFmpegError.throwIfError(last.link(0, next, 0), 'link filters');
    last = next;
  }
  const sink = create('buffersink', 'out', null);
  FFmpegError.throwIfError(last.link(0, sink, 0), 'link filters');
  FFmpegError.throwIfError(await graph.config(), 'configure the card');
  FFmpegError.throwIfError(await source.buffersrcAddFrame(blank, AV_BUFFERSRC_FLAG_KEEP_REF), 'feed the card');
  const out = new Frame();
  out.alloc();
  FFmpegError.throwIfError(await sink.buffersinkGetFrame(out), 'draw the card');
  return out;
}

function paint(card: Card): Frame {
  const { width, height } = card;
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const [y, u, v] = toYuv(card.color);
  const data = Buffer.alloc(width * height + 2 * half.width * half.height, y);
  data.fill(u, width * height, width * height + half.width * half.height);
  data.fill(v, width * height + half.width * half.height);
  if (card.circle) {
    const [cy, cu, cv] = toYuv(card.circle.color);
    const c = card.circle;
    disc(data, { at: 0, width, height }, { x: c.x, y: c.y, radius: c.radius, value: cy });
    const small = { x: c.x / 2, y: c.y / 2, radius: c.radius / 2 };
    disc(data, { at: width * height, ...half }, { ...small, value: cu });
    disc(data, { at: width * height + half.width * half.height, ...half }, { ...small, value: cv });
  }
  return copyToFrame({ data, width, height });
}

type Plane = { at: number; width: number; height: number };

function disc(data: Buffer, plane: Plane, circle: { x: number; y: number; radius: number; value: number }): void {
  for (let row = 0; row < plane.height; row++) {
    const reach = circle.radius ** 2 - (row + 0.5 - circle.y) ** 2;
    if (reach <= 0) continue;
    const from = Math.max(0, Math.round(circle.x - Math.sqrt(reach)));
    const to = Math.min(plane.width, Math.round(circle.x + Math.sqrt(reach)));
    if (to > from) data.fill(circle.value, plane.at + row * plane.width + from, plane.at + row * plane.width + to);
  }
}

/** `#rrggbb` in BT.709, limited range. */
export function toYuv(color: string): [number, number, number] {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const scale = (value: number, middle: number) => Math.round(middle + 224 * value);
  return [Math.round(16 + 219 * luma), scale((b - luma) / 1.8556, 128), scale((r - luma) / 1.5748, 128)];
}
