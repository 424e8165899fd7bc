import { z } from 'zod';
import { type Layer, UNKNOWN_LAYER } from './webrtc/layers.ts';

const SIZED = {
  /** The picture fits into this and keeps its shape, px. */
  width: z.int().min(16).max(7680),
  height: z.int().min(16).max(7680),
  bitrateKbps: z.int().min(50).max(50_000),
};

/** What an ingress asks its picture to be encoded as; it is never copied then. */
export const EncodingWish = z.object({
  ...SIZED,
  /** Pictures a second at most; null keeps those that come. */
  fps: z.number().min(1).max(120).nullable(),
  profile: z.enum(['baseline', 'main', 'high']),
  /** Smaller sizes of the same picture beside it (simulcast), the largest first. */
  layers: z.array(z.object(SIZED)).max(2),
});
export type EncodingWish = z.infer<typeof EncodingWish>;

/** What an ingress asks its sound to be encoded as. Always Opus. */
export const SoundWish = z.object({
  bitrateKbps: z.int().min(6).max(510),
  channels: z.union([z.literal(1), z.literal(2)]),
});
export type SoundWish = z.infer<typeof SoundWish>;

export const EncodingWishes = z.object({ video: EncodingWish.nullable(), audio: SoundWish.nullable() });
export type EncodingWishes = z.infer<typeof EncodingWishes>;

type Size = { width: number; height: number };

/** Sizes the picture goes out in, the largest first; nothing is known of them where no encoding is asked for. */
export function layersOf(wish: EncodingWish | null): Layer[] {
  return wish ? [wish, ...wish.layers] : [UNKNOWN_LAYER];
}

/**
 * The encoding of each layer for a picture that may come smaller than was asked for: each layer has half the sides of the one before, at most.
 * @param input px @returns sizes as longer side by shorter side, whichever way round the picture is
 */
export function encodingsFor(wish: EncodingWish, input: Size): EncodingWish[] {
  const { layers, ...largest } = wish;
  return [largest, ...layers].map((layer, index) => ({
    ...largest,
    layers: [],
    width: Math.min(Math.max(layer.width, layer.height), Math.max(input.width, input.height) >> index),
    height: Math.min(Math.min(layer.width, layer.height), Math.min(input.width, input.height) >> index),
    bitrateKbps: layer.bitrateKbps,
  }));
}
