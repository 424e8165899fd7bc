import { z } from 'zod';
import { Color, PictureUrl, SceneOverlay } from './overlay.ts';

/** Ladder rung asked for; the picture is never scaled up. */
export const SceneRung = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,24}$/, 'must be 1 to 24 of a to z, 0 to 9 and -'),
  /** The picture's short side in pixels: `720` is 1280 × 720, 720 × 1280 upright, 720 × 720 square. */
  height: z.int().min(90).max(2160),
  bitrateKbps: z.int().min(50).max(20_000),
  /** Frames a second, at most the program's, which is the default; the nearest whole fraction of the program's that is not above is made. */
  fps: z.int().min(5).max(60).optional(),
});
export type SceneRung = z.infer<typeof SceneRung>;

/** Playback latency mode. `low`: parts of 0.2 s in segments of 1 s. */
export const Latency = z.enum(['ultra', 'low', 'standard']);
export type Latency = z.infer<typeof Latency>;

/**
 * Arrangements of the picture. `single`: one fills the frame. `grid`: all alike. `speaker`: who speaks is large. `side-by-side`: two
 * halves. `screen`: a shared screen with the cameras set into it. `pip`: one fills the frame, others are set into it. `news`: hosts
 * above a banner. `portrait`: a 9:16 column.
 */
export const LAYOUTS = ['single', 'grid', 'speaker', 'side-by-side', 'screen', 'pip', 'news', 'portrait'] as const;
export const Layout = z.enum(LAYOUTS);
export type Layout = z.infer<typeof Layout>;

/** What the engine makes of the picture: size, frame rate, rungs. Fixed while a broadcast is on air. */
export const Program = z.object({
  width: z.int().min(16).max(3840).multipleOf(2).default(1280),
  height: z.int().min(16).max(3840).multipleOf(2).default(720),
  fps: z.int().min(5).max(60).default(30),
  ladder: z
    .array(SceneRung)
    .min(1)
    .max(6)
    .default([{ id: '720p', height: 720, bitrateKbps: 3000 }]),
  latency: Latency.default('low'),
  /** `auto`: the host chose no shape. Until the broadcast is on air it becomes that of an encoder's picture. */
  shape: z.literal('auto').optional(),
});
export type Program = z.infer<typeof Program>;

/** One place in the layout, filled by one source of one participant. Order is drawing order. */
export const SceneSlot = z.object({
  identity: z.string().min(1).max(128),
  source: z.enum(['camera', 'screen']).default('camera'),
  /** `contain` shows all of it, `cover` fills the place; `auto`: screens are contained, cameras cover unless half would be lost. */
  fit: z.enum(['auto', 'contain', 'cover']).default('auto'),
  /** Linear gain of the participant's sound, 1 = as it came. */
  gain: z.number().min(0).max(4).default(1),
  muted: z.boolean().default(false),
});
export type SceneSlot = z.infer<typeof SceneSlot>;

export const Slate = z.object({
  /** `soon` before the show, `back` while the host is away. */
  kind: z.enum(['soon', 'back', 'ended']).default('soon'),
  title: z.string().max(200).default(''),
  /** `soon` counts down to this instant. */
  countdownTo: z.iso.datetime({ offset: true }).optional(),
});
export type Slate = z.infer<typeof Slate>;

/** How one arrangement becomes the next: at once, or as a cross-fade of `ms`. */
export const Transition = z.object({
  kind: z.enum(['cut', 'fade']).default('cut'),
  ms: z.int().min(50).max(2000).default(300),
});
export type Transition = z.infer<typeof Transition>;

const Background = z.object({
  color: Color.default('#0b0d10'),
  image: PictureUrl.optional(),
});

/** Free borders, as shares of the program's shorter side: around the pictures, and around text and logos. */
const Margins = z.object({
  pictures: z.number().min(0).max(0.2).default(0),
  graphics: z.number().min(0).max(0.2).default(0.04),
});

/**
 * What the host arranges: layout, who is on air, overlays. `slots` empty or absent = automatic: hosts (`host_…`), encoders
 * (`enc_…`) and producers that publish are on air unasked, guests (`guest_…`) wait backstage.
 */
export const Scene = z.object({
  version: z.int().min(0).default(0),
  layout: Layout.default('grid'),
  slots: z.array(SceneSlot).max(16).default([]),
  overlays: z.array(SceneOverlay).max(32).default([]),
  background: Background.prefault({}),
  margins: Margins.prefault({}),
  /** Names on the pictures of two or more people. */
  labels: z.boolean().default(true),
  transition: Transition.prefault({}),
  slate: Slate.prefault({}),
});
export type Scene = z.infer<typeof Scene>;

/** LiveKit room metadata, the one place where app and compositor meet (design: contracts between the rooms). */
export const RoomMetadata = z.object({
  v: z.literal(1),
  channelId: z.string().max(64).optional(),
  broadcastId: z.string().max(64).optional(),
  playbackId: z.string().max(64).optional(),
  program: Program.prefault({}),
  scene: Scene.prefault({}),
  /** Wanted while somebody watches over WebRTC: the program is also published into this room of its own. */
  seats: z.object({ room: z.string().min(1).max(128) }).optional(),
});
export type RoomMetadata = z.infer<typeof RoomMetadata>;

/**
 * Parses room metadata. An overlay that cannot be read is left out; anything else unreadable gives null and the last good scene stays:
 * a bad scene never stops a picture.
 */
export function parseRoomMetadata(text: string | undefined): RoomMetadata | null {
  if (!text) return null;
  try {
    const read = RoomMetadata.safeParse(withReadableOverlays(JSON.parse(text)));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** Names what of a room's metadata cannot be read, as a path such as `scene.slots.0.gain`; null when all of it can, or there is none. */
export function unreadableField(text: string | undefined): string | null {
  if (!text) return null;
  try {
    const read = RoomMetadata.safeParse(withReadableOverlays(JSON.parse(text)));
    return read.success ? null : (read.error.issues[0]?.path.join('.').slice(0, 80) ?? '') || 'metadata';
  } catch {
    return 'metadata';
  }
}

function withReadableOverlays(metadata: { scene?: { overlays?: unknown } } | null): unknown {
  const overlays = metadata?.scene?.overlays;
  if (!Array.isArray(overlays)) return metadata;
  const readable = overlays.filter((one) => SceneOverlay.safeParse(one).success);
  return { ...metadata, scene: { ...metadata?.scene, overlays: readable } };
}
