import type { Anchor, FrameBox, Overlay } from './overlay.ts';
import { even, evenUp, inset, isInside, overlap, type Rect, type Size } from './pixels.ts';

/** Where an overlay may be drawn, and to which side of that place it keeps when it turns out smaller. */
export type OverlayPlace = { overlay: Overlay; rect: Rect; anchor: Anchor };

/** Height of a ticker, as a share of the program's shorter side. */
const TICKER_SHARE = 0.07;
const BANNER_SHARE = 0.16;

export function tickerHeight(frame: Size): number {
  return evenUp(Math.min(frame.width, frame.height) * TICKER_SHARE);
}

/** Height of the strip a banner takes at the lower edge. */
export function bannerHeight(frame: Size): number {
  return evenUp(Math.min(frame.width, frame.height) * BANNER_SHARE);
}

/**
 * Places for overlays, in drawing order. Pure. Strips lie at their edge; what has a box of its own lies there, whatever is below it; all
 * others stand at their anchor inside the margin and make room for each other. What finds no room is left out.
 * @param overlays those that are shown now, in drawing order
 * @param margin share of the shorter side kept free around text and logos
 */
export function overlayPlaces(overlays: readonly Overlay[], frame: Size, margin: number): OverlayPlace[] {
  const places = new Map<Overlay, OverlayPlace>();
  const free = { top: 0, bottom: 0 };
  // A ticker is nearest to its edge, a banner stands on it.
  const strips = [...overlays].sort((a, b) => Number(b.kind === 'ticker') - Number(a.kind === 'ticker'));
  for (const overlay of strips) {
    if (overlay.box) places.set(overlay, { overlay, rect: boxRect(overlay.box, frame), anchor: 'center' });
    else if (overlay.kind === 'ticker' || overlay.kind === 'banner') {
      const height = overlay.kind === 'ticker' ? tickerHeight(frame) : bannerHeight(frame);
      const edge = overlay.kind === 'ticker' ? overlay.edge : 'bottom';
      if (free.top + free.bottom + height > frame.height) continue;
      const y = edge === 'top' ? free.top : frame.height - free.bottom - height;
      places.set(overlay, { overlay, rect: { x: 0, y, width: frame.width, height }, anchor: edge });
      free[edge] += height;
    }
  }
  const safe = safeArea(frame, margin, free);
  const taken: Rect[] = [];
  for (const overlay of overlays) {
    if (places.has(overlay) || overlay.kind === 'ticker' || overlay.kind === 'banner') continue;
    const rect = findRoom(sizeOf(overlay, frame, safe), overlay.anchor, safe, taken);
    if (!rect) continue;
    taken.push(rect);
    places.set(overlay, { overlay, rect, anchor: overlay.anchor });
  }
  return overlays.flatMap((overlay) => places.get(overlay) ?? []);
}

/** The place of something of this size that keeps to one side of a larger one. */
export function alignedIn(outer: Rect, size: Size, anchor: Anchor): Rect {
  const width = Math.min(size.width, outer.width);
  const height = Math.min(size.height, outer.height);
  const x = anchor.includes('left') ? 0 : anchor.includes('right') ? outer.width - width : (outer.width - width) / 2;
  const y = anchor.includes('top')
    ? 0
    : anchor.includes('bottom')
      ? outer.height - height
      : (outer.height - height) / 2;
  return { x: outer.x + even(x), y: outer.y + even(y), width, height };
}

/**
 * Where a name of this size is worn: a lower corner of its picture, else an upper one; null when graphics cover them all or the picture is
 * too small.
 */
export function labelPlace(box: Rect, size: Size, covered: readonly Rect[]): Rect | null {
  const edge = even(Math.min(box.width, box.height) * 0.03);
  const room = { x: box.x + edge, y: box.y + edge, width: box.width - 2 * edge, height: box.height - 2 * edge };
  if (size.width > room.width || size.height * 2 > room.height) return null;
  const corners: Anchor[] = ['bottom-left', 'top-left', 'bottom-right', 'top-right'];
  const places = corners.map((corner) => alignedIn(room, size, corner));
  return places.find((place) => !covered.some((rect) => overlap(rect, place))) ?? null;
}

function safeArea(frame: Size, margin: number, free: { top: number; bottom: number }): Rect {
  const safe = inset(frame, margin);
  const top = free.top > 0 ? free.top + Math.min(safe.y, even(frame.height * 0.02)) : safe.y;
  const bottom = free.bottom > 0 ? free.bottom + Math.min(safe.y, even(frame.height * 0.02)) : safe.y;
  return { x: safe.x, y: top, width: safe.width, height: Math.max(0, even(frame.height - top - bottom)) };
}

function boxRect(box: FrameBox, frame: Size): Rect {
  const width = Math.max(2, even(Math.min(box.width, 1) * frame.width));
  const height = Math.max(2, even(Math.min(box.height, 1) * frame.height));
  return {
    x: Math.min(even(box.x * frame.width), frame.width - width),
    y: Math.min(even(box.y * frame.height), frame.height - height),
    width,
    height,
  };
}

/** Moves away from the anchor's edge until nothing is in the way. */
function findRoom(size: Size, anchor: Anchor, safe: Rect, taken: readonly Rect[]): Rect | null {
  if (size.width < 2 || size.height < 2) return null;
  const gap = even(size.height * 0.08) + 4;
  let rect = alignedIn(safe, size, anchor);
  if (rect.height < size.height || rect.width < size.width) return null;
  const up = anchor.includes('bottom');
  for (;;) {
    const blocking = taken.find((one) => overlap(one, rect));
    if (!blocking) return rect;
    const y = up ? blocking.y - gap - rect.height : blocking.y + blocking.height + gap;
    rect = { ...rect, y: even(y) };
    if (y < 0 || !isInside(rect, safe)) return null;
  }
}

/** The most an overlay may take; it is drawn as large as its content needs inside that. */
function sizeOf(overlay: Exclude<Overlay, { kind: 'ticker' | 'banner' }>, frame: Size, safe: Rect): Size {
  const unit = Math.min(frame.width, frame.height);
  const size = (width: number, height: number): Size => ({
    width: even(Math.min(width, safe.width)),
    height: even(Math.min(height, safe.height)),
  });
  switch (overlay.kind) {
    case 'logo':
      return size(unit * overlay.size, unit * overlay.size);
    case 'lower-third':
      return size(Math.max(frame.width * 0.5, unit * 0.85), unit * (overlay.subtitle ? 0.15 : 0.1));
    case 'message':
      return size(Math.max(frame.width * 0.42, unit * 0.8), unit * 0.22);
    case 'countdown':
      return size(unit * 0.5, unit * (overlay.label ? 0.16 : 0.11));
    case 'text': {
      const width = Math.max(frame.width * 0.5, unit * 0.85);
      const glyphs = Math.max(1, Math.floor(Math.min(width, safe.width) / (overlay.size * unit * 0.5)));
      const lines = overlay.text
        .split('\n')
        .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / glyphs)), 0);
      return size(width, overlay.size * unit * (lines * 1.3 + 0.8));
    }
  }
}
