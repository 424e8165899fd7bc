/** A size and a place in pixels of the program; all even, as 4:2:0 pictures need it. */
export type Size = { width: number; height: number };
export type Rect = { x: number; y: number; width: number; height: number };

export function even(value: number): number {
  return Math.max(0, Math.floor(value / 2) * 2);
}

export function evenUp(value: number): number {
  return Math.max(0, Math.ceil(value / 2) * 2);
}

/** Space between pictures: 8 px at 720 lines, none in tiny programs. */
export function gapOf(frame: Size): number {
  return even(Math.min(frame.width, frame.height) / 90);
}

/** The frame less a margin on each side, given as a share of its shorter side. */
export function inset(frame: Size, share: number): Rect {
  const margin = even(Math.min(frame.width, frame.height) * share);
  return { x: margin, y: margin, width: even(frame.width - 2 * margin), height: even(frame.height - 2 * margin) };
}

export function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

export function isInside(inner: Rect, outer: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The middle of `outer`, as much of it as `size` wants, in even pixels. */
export function centred(size: Size, outer: Rect): Rect {
  const width = even(Math.min(size.width, outer.width));
  const height = even(Math.min(size.height, outer.height));
  return {
    x: outer.x + even((outer.width - width) / 2),
    y: outer.y + even((outer.height - height) / 2),
    width,
    height,
  };
}
