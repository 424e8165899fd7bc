import type { Rect } from '#core/scene/pixels';

/** One plane of a picture: bytes in rows of `stride`. */
export type Plane = { data: Uint8Array; stride: number; width: number; height: number };
/** An I420 picture: luma, then the two chroma planes of half the sides (rounded up). */
export type Planes = readonly [Plane, Plane, Plane];

/**
 * Planes of a picture that lies in one piece without padding.
 * @throws when it has fewer bytes than its size says: native code would read past them
 */
export function planesOf(picture: { data: Uint8Array; width: number; height: number }): Planes {
  const { data, width, height } = picture;
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  const luma = width * height;
  const chroma = half.width * half.height;
  if (data.length < luma + 2 * chroma)
    throw new Error(`a picture of ${width} × ${height} has ${data.length} bytes only`);
  return [
    { data: data.subarray(0, luma), stride: width, width, height },
    { data: data.subarray(luma, luma + chroma), stride: half.width, ...half },
    { data: data.subarray(luma + chroma, luma + 2 * chroma), stride: half.width, ...half },
  ];
}

/** @param align rows begin at multiples of this many bytes */
export function newPlanes(width: number, height: number, align = 1): Planes {
  const plane = (wide: number, tall: number): Plane => {
    const stride = Math.ceil(wide / align) * align;
    return { data: new Uint8Array(stride * tall), stride, width: wide, height: tall };
  };
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  return [plane(width, height), plane(half.width, half.height), plane(half.width, half.height)];
}

/** `#rrggbb` in BT.709, limited range. */
export function toYuv(color: string): [number, number, number] {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const scale = (value: number, middle: number) => Math.round(middle + 224 * value);
  return [Math.round(16 + 219 * luma), scale((b - luma) / 1.8556, 128), scale((r - luma) / 1.5748, 128)];
}

/** Paints a picture, or a window of one, in one colour. */
export function fillWith(planes: Planes, color: string): void {
  const values = toYuv(color);
  for (const [index, { data, stride, width, height }] of planes.entries())
    for (let row = 0; row < height; row++) data.fill(values[index] ?? 128, row * stride, row * stride + width);
}

/** The window of a picture's planes that lies below a rectangle of even numbers; no pixel is copied. */
export function windowOf(planes: Planes, rect: Rect): Planes {
  const [y, u, v] = planes;
  const half = { x: rect.x >> 1, y: rect.y >> 1, width: rect.width >> 1, height: rect.height >> 1 };
  return [cut(y, rect), cut(u, half), cut(v, half)];
}

function cut({ data, stride }: Plane, { x, y, width, height }: Rect): Plane {
  return { data: data.subarray(y * stride + x), stride, width, height };
}

/** Copies a picture into another of the same size. */
export function copyPlanes(from: Planes, to: Planes): void {
  for (const [index, source] of from.entries()) {
    const target = to[index];
    if (!target) continue;
    const { width, height } = target;
    if (source.stride === target.stride && source.stride === width) {
      target.data.set(source.data.subarray(0, width * height));
      continue;
    }
    for (let row = 0; row < height; row++) {
      const at = row * source.stride;
      target.data.set(source.data.subarray(at, at + width), row * target.stride);
    }
  }
}

/**
 * Mixes a picture into another of the same layout in memory.
 * @param share of `from`, 0 to 256
 */
export function mixPlanes(from: Planes, into: Planes, share: number): void {
  for (const [index, source] of from.entries()) {
    const target = into[index];
    if (target) mixBytes(source.data, target.data, share);
  }
}

/** Four bytes at a time: two products hold two bytes each, with eight bits of room above them. */
function mixBytes(from: Uint8Array, into: Uint8Array, share: number): void {
  const rest = 256 - share;
  const words = from.length >> 2;
  const a = new Uint32Array(from.buffer, from.byteOffset, words);
  const b = new Uint32Array(into.buffer, into.byteOffset, words);
  for (let index = 0; index < words; index++) {
    const x = a[index] as number;
    const y = b[index] as number;
    const low = Math.imul(x & 0xff00ff, share) + Math.imul(y & 0xff00ff, rest);
    const high = Math.imul((x >>> 8) & 0xff00ff, share) + Math.imul((y >>> 8) & 0xff00ff, rest);
    b[index] = ((low >>> 8) & 0xff00ff) | (high & 0xff00ff00);
  }
}

/** Turns a picture clockwise by 90, 180 or 270 degrees into another; sizes have to fit. */
export function turnPlanes(from: Planes, to: Planes, degrees: 90 | 180 | 270): void {
  for (const [index, source] of from.entries()) {
    const target = to[index];
    if (target) turnPlane(source, target, degrees);
  }
}

function turnPlane(from: Plane, to: Plane, degrees: 90 | 180 | 270): void {
  const { width, height } = to;
  const [start, across, down] =
    degrees === 90
      ? [(from.height - 1) * from.stride, -from.stride, 1]
      : degrees === 270
        ? [from.width - 1, from.stride, -1]
        : [(from.height - 1) * from.stride + from.width - 1, -1, -from.stride];
  for (let row = 0; row < height; row++) {
    let at = start + row * down;
    let out = row * to.stride;
    for (let column = 0; column < width; column++, at += across) to.data[out++] = from.data[at] as number;
  }
}
