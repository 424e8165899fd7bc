import { z } from 'zod';

/** What an ingress asks its picture to be encoded as; it is never copied then. */
export const EncodingWish = z.object({
  /** The picture fits into this and keeps its shape, px. */
  width: z.int().min(16).max(7680),
  height: z.int().min(16).max(7680),
  /** Pictures a second at most; null keeps those that come. */
  fps: z.number().min(1).max(120).nullable(),
  bitrateKbps: z.int().min(50).max(50_000),
  profile: z.enum(['baseline', 'main', 'high']),
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
