import type { Box } from '#core/scene/boxes-of';

/** A picture's size and rotation as it comes. */
export type PictureShape = { width: number; height: number; rotation: 0 | 90 | 180 | 270 };

/** How one source picture gets into its box: turned, scaled, cropped, placed. Pixels, even. */
export type Placement = {
  shape: PictureShape;
  scale: { width: number; height: number };
  crop: { x: number; y: number; width: number; height: number } | null;
  x: number;
  y: number;
};

/** Where a picture of this shape is drawn in its box. `contain` leaves the background free, `cover` cuts off. */
export function placePicture(box: Box, picture: PictureShape): Placement {
  // Only these three: a placement is compared as text, and pictures carry their pixels.
  const shape = { width: picture.width, height: picture.height, rotation: picture.rotation };
  const turned = shape.rotation === 90 || shape.rotation === 270;
  const width = turned ? shape.height : shape.width;
  const height = turned ? shape.width : shape.height;
  const across = box.width / width;
  const down = box.height / height;
  if (box.fit === 'contain') {
    const factor = Math.min(across, down);
    const scale = { width: fitEven(width * factor, box.width), height: fitEven(height * factor, box.height) };
    return {
      shape,
      scale,
      crop: null,
      x: box.x + evenDown((box.width - scale.width) / 2),
      y: box.y + evenDown((box.height - scale.height) / 2),
    };
  }
  const factor = Math.max(across, down);
  const scale = {
    width: Math.max(box.width, evenUp(width * factor)),
    height: Math.max(box.height, evenUp(height * factor)),
  };
  const exact = scale.width === box.width && scale.height === box.height;
  const crop = {
    x: evenDown((scale.width - box.width) / 2),
    y: evenDown((scale.height - box.height) / 2),
    width: box.width,
    height: box.height,
  };
  return { shape, scale, crop: exact ? null : crop, x: box.x, y: box.y };
}

/** One source of the program's own size needs no composition at all. */
export function isBypass(placements: readonly Placement[], frame: { width: number; height: number }): boolean {
  const [only] = placements;
  return (
    placements.length === 1 &&
    only !== undefined &&
    only.shape.rotation === 0 &&
    only.shape.width === frame.width &&
    only.shape.height === frame.height &&
    only.scale.width === frame.width &&
    only.scale.height === frame.height
  );
}

function evenDown(value: number): number {
  return Math.max(0, Math.floor(value / 2) * 2);
}

function evenUp(value: number): number {
  return Math.ceil(value / 2) * 2;
}

/** Nearest even size, at least 2, at most the box; a pixel short of the box is the box. */
function fitEven(value: number, limit: number): number {
  return Math.max(2, Math.min(limit, Math.round(value / 2) * 2));
}
