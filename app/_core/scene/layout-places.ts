import { centred, even, gapOf, type Rect, type Size } from './pixels.ts';
import type { Layout } from './scene.ts';

/** A place in a layout. An inset lies inside the main picture; nothing else overlaps. */
export type Place = Rect & { role: 'main' | 'tile' | 'inset' };

/** Pictures a layout holds at most; more people are heard and not seen. */
export const CAPACITY: Record<Layout, number> = {
  single: 1,
  grid: 16,
  speaker: 6,
  'side-by-side': 2,
  screen: 4,
  pip: 4,
  news: 4,
  portrait: 9,
};

/**
 * Places for `count` pictures inside `area`, the main one first. Pure: same input, same output.
 * @param screen the main picture is a shared screen: it has to be readable, so it is not covered more than needed
 */
export function placesOf(layout: Layout, count: number, area: Rect, screen: boolean): Place[] {
  const shown = Math.min(count, CAPACITY[layout]);
  if (shown <= 0) return [];
  if (layout === 'portrait') return portraitPlaces(shown, area, screen);
  if (shown === 1) return [{ ...area, role: 'main' }];
  const upright = area.height > area.width;
  if (layout === 'speaker') return speakerPlaces(shown, area);
  if (layout === 'side-by-side') return halves(area);
  if (layout === 'screen' && upright) return stackedPlaces(shown, area);
  if (layout === 'screen' || layout === 'pip') return insetPlaces(shown, area);
  return gridPlaces(shown, area);
}

/**
 * The grid whose tiles show most of 16:9 pictures; the last row is centred. Tiles keep to shapes that faces look right in, so cells
 * of other shapes leave some background free.
 */
function gridPlaces(count: number, area: Rect): Place[] {
  const gap = gapOf(area);
  const upright = area.height > area.width;
  const [narrowest, widest] = upright ? [3 / 4, 2.3] : [4 / 3, 16 / 9];
  const choices = Array.from({ length: count }, (_, index) => {
    const columns = index + 1;
    const rows = Math.ceil(count / columns);
    const cell = {
      width: (area.width - gap * (columns - 1)) / columns,
      height: (area.height - gap * (rows - 1)) / rows,
    };
    const width = even(Math.min(cell.width, cell.height * widest));
    const height = even(Math.min(cell.height, width / narrowest));
    const shape = width / Math.max(1, height);
    // What a tile cuts from the sides of a picture hurts less than what it cuts from heads.
    const kept = shape < 16 / 9 ? Math.sqrt(shape / (16 / 9)) : 16 / 9 / shape;
    return { columns, rows, width, height, score: width * height * kept };
  });
  const { columns, rows, width, height } = choices.reduce((a, b) => (b.score > a.score ? b : a));
  const block = centred({ width: area.width, height: rows * height + (rows - 1) * gap }, area);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const line = centred({ width: inRow * width + (inRow - 1) * gap, height }, block);
    const x = line.x + (index - row * columns) * (width + gap);
    return { x, y: block.y + row * (height + gap), width, height, role: 'tile' };
  });
}

/** One large picture, the others in a column on the right (in a row below it when the program is upright). */
function speakerPlaces(count: number, area: Rect): Place[] {
  const upright = area.height > area.width;
  const gap = gapOf(area);
  const others = count - 1;
  const [long, cross] = upright ? [area.height, area.width] : [area.width, area.height];
  const strip = even(long * (upright ? 0.18 : 0.22));
  const shape = upright ? 1 : 9 / 16;
  const tile = Math.min(even((cross - gap * (others - 1)) / others), even(strip * shape));
  const start = even((cross - others * tile - (others - 1) * gap) / 2);
  const turn = (along: number, across: number, length: number, breadth: number, role: Place['role']): Place =>
    upright
      ? { x: area.x + across, y: area.y + along, width: breadth, height: length, role }
      : { x: area.x + along, y: area.y + across, width: length, height: breadth, role };
  const main = even(long - strip - gap);
  return [
    turn(0, 0, main, cross, 'main'),
    ...Array.from({ length: others }, (_, index) =>
      turn(main + gap, start + index * (tile + gap), strip, tile, 'tile'),
    ),
  ];
}

/** Two halves: beside each other, one above the other where halves would be slits. */
function halves(area: Rect): Place[] {
  const gap = gapOf(area);
  if (area.width > area.height * 1.2) {
    const width = even((area.width - gap) / 2);
    const right = area.x + area.width - width;
    return [
      { ...area, width, role: 'tile' },
      { ...area, x: right, width, role: 'tile' },
    ];
  }
  const height = even((area.height - gap) / 2);
  return [
    { ...area, height, role: 'tile' },
    { ...area, y: area.y + area.height - height, height, role: 'tile' },
  ];
}

/** One fills the area, up to three are set into its lower right corner, upwards. */
function insetPlaces(count: number, area: Rect): Place[] {
  const gap = Math.max(2, gapOf(area));
  const upright = area.height > area.width;
  const edge = even(Math.min(area.width, area.height) * 0.035);
  const width = Math.max(2, even(area.width * (upright ? 0.34 : 0.22)));
  const tallest = even((area.height - 2 * edge - gap * (count - 2)) / (count - 1));
  const height = Math.max(2, Math.min(even(upright ? width * 1.25 : (width * 9) / 16), tallest));
  const insets = Array.from({ length: count - 1 }, (_, index): Place => {
    const y = area.y + area.height - edge - height - index * (height + gap);
    return { x: area.x + area.width - edge - width, y, width, height, role: 'inset' };
  });
  return [{ ...area, role: 'main' }, ...insets];
}

/** Upright with a screen: the screen across the top, the cameras below it. */
function stackedPlaces(count: number, area: Rect): Place[] {
  const gap = gapOf(area);
  const top = Math.min(even((area.width * 9) / 16), even(area.height * 0.6));
  const rest = { ...area, y: area.y + top + gap, height: Math.max(2, area.height - top - gap) };
  return [{ ...area, height: top, role: 'main' }, ...fill(count - 1, rest)];
}

/** A 9:16 column in the middle: one above the other, from four on in two columns; a screen lies across its top. */
function portraitPlaces(count: number, area: Rect, screen: boolean): Place[] {
  const column = centred(fitted(9 / 16, area), area);
  if (count === 1) return [{ ...column, role: 'main' }];
  return screen ? stackedPlaces(count, column) : fill(count, column);
}

/** Rows of one or two that fill the area; of an odd number the first is as wide as the area. */
function fill(count: number, area: Rect): Place[] {
  const gap = gapOf(area);
  const columns = count > 3 ? 2 : 1;
  const rows = Math.ceil(count / columns);
  const wideFirst = columns === 2 && count % 2 === 1;
  const height = even((area.height - gap * (rows - 1)) / rows);
  const width = even((area.width - gap * (columns - 1)) / columns);
  return Array.from({ length: count }, (_, index) => {
    const at = wideFirst && index > 0 ? index + 1 : index;
    const y = area.y + Math.floor(at / columns) * (height + gap);
    if (columns === 1 || (wideFirst && index === 0)) return { x: area.x, y, width: area.width, height, role: 'tile' };
    return { x: area.x + (at % columns) * (area.width - width), y, width, height, role: 'tile' };
  });
}

function fitted(shape: number, area: Size): Size {
  const width = Math.min(area.width, area.height * shape);
  return { width, height: width / shape };
}
