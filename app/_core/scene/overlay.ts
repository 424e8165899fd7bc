import { z } from 'zod';

/** Corners, edges and the middle of the frame: where an overlay stands when it has no box of its own. */
export const ANCHORS = [
  'top-left',
  'top',
  'top-right',
  'left',
  'center',
  'right',
  'bottom-left',
  'bottom',
  'bottom-right',
] as const;
export const Anchor = z.enum(ANCHORS);
export type Anchor = z.infer<typeof Anchor>;

/** A place in shares of the program: 0 to 1 of its width and height, so it holds for every size. */
export const FrameBox = z.object({
  x: z.number().min(0).max(1),
  y: z.number().min(0).max(1),
  width: z.number().gt(0).max(1),
  height: z.number().gt(0).max(1),
});
export type FrameBox = z.infer<typeof FrameBox>;

/** `#rrggbb`. */
export const Color = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'has to be a colour like #1a2b3c');

/** A PNG, JPEG or WebP: an http(s) address that is fetched once, or the picture itself as a `data:` URL. */
export const PictureUrl = z
  .string()
  .max(60_000)
  .regex(/^(https?:\/\/[^\s]+|data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/=]+)$/, {
    message: 'has to be an http(s) address, or a data URL of a PNG, JPEG or WebP picture',
  });

const Instant = z.iso.datetime({ offset: true });
/** Text people see: short, and never markup (S-33). */
const text = (limit: number) => z.string().max(limit);

const common = {
  id: z.string().min(1).max(64),
  visible: z.boolean().default(true),
  /** Shown from this instant on, and until that one. */
  from: Instant.optional(),
  until: Instant.optional(),
  /** Higher is drawn later; equal ones in the order of the list. */
  z: z.int().min(-100).max(100).default(0),
  /** An exact place; without it the overlay stands at its anchor and makes room for its neighbours. */
  box: FrameBox.optional(),
};

export const LogoOverlay = z.object({
  ...common,
  kind: z.literal('logo'),
  url: PictureUrl,
  anchor: Anchor.default('top-right'),
  /** Longest side as a share of the program's shorter side. */
  size: z.number().min(0.02).max(1).default(0.14),
  opacity: z.number().min(0).max(1).default(1),
});

export const LowerThirdOverlay = z.object({
  ...common,
  kind: z.literal('lower-third'),
  title: text(120),
  subtitle: text(160).default(''),
  anchor: Anchor.default('bottom-left'),
  color: Color.optional(),
});

/** A strip over the whole width: what the `news` layout shows below its host. */
export const BannerOverlay = z.object({
  ...common,
  kind: z.literal('banner'),
  title: text(160),
  subtitle: text(200).default(''),
  /** A word on a coloured field in front, such as LIVE. */
  tag: text(24).default(''),
  color: Color.optional(),
});

export const TickerOverlay = z.object({
  ...common,
  kind: z.literal('ticker'),
  text: text(2000),
  edge: z.enum(['bottom', 'top']).default('bottom'),
  /** Shares of the program's width a second. */
  speed: z.number().min(0.01).max(0.5).default(0.08),
  color: Color.optional(),
});

export const CountdownOverlay = z.object({
  ...common,
  kind: z.literal('countdown'),
  to: Instant,
  label: text(80).default(''),
  /** Shown when the time is over; without it the countdown goes away. */
  done: text(80).default(''),
  anchor: Anchor.default('top-left'),
});

/** One message of the chat, pinned into the picture. */
export const MessageOverlay = z.object({
  ...common,
  kind: z.literal('message'),
  author: text(64),
  text: text(400),
  anchor: Anchor.default('bottom-left'),
  color: Color.optional(),
});

export const TextOverlay = z.object({
  ...common,
  kind: z.literal('text'),
  text: text(400),
  anchor: Anchor.default('top-left'),
  align: z.enum(['left', 'center', 'right']).default('left'),
  /** Height of a line as a share of the program's shorter side. */
  size: z.number().min(0.015).max(0.4).default(0.05),
  color: Color.default('#ffffff'),
  /** A dark field behind the words, for pictures of any brightness. */
  backed: z.boolean().default(true),
});

export const KnownOverlay = z.discriminatedUnion('kind', [
  LogoOverlay,
  LowerThirdOverlay,
  BannerOverlay,
  TickerOverlay,
  CountdownOverlay,
  MessageOverlay,
  TextOverlay,
]);
export type Overlay = z.infer<typeof KnownOverlay>;
export type OverlayKind = Overlay['kind'];
export type OverlayOf<K extends OverlayKind> = Extract<Overlay, { kind: K }>;

export const OVERLAY_KINDS: ReadonlySet<string> = new Set(
  KnownOverlay.options.map((option) => option.shape.kind.value satisfies OverlayKind),
);

/** An overlay as it is kept: of a kind known here and complete, or of another kind, passed on as it came and drawn by nobody. */
export type StoredOverlay = Overlay | { id: string; kind: string; [field: string]: unknown };

/** A kind that is not known is no error: a newer app or another program may draw it. A known one is checked field by field. */
export const SceneOverlay = z
  .looseObject({ id: z.string().min(1).max(64), kind: z.string().min(1).max(32) })
  .transform((given, context): StoredOverlay => {
    if (!OVERLAY_KINDS.has(given.kind)) return given;
    const read = KnownOverlay.safeParse(given);
    if (read.success) return read.data;
    // As they are, not as one of a custom kind: the path goes on from here, and who answers can say "is missing".
    for (const issue of read.error.issues) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
    return z.NEVER;
  });

/** Overlays that are drawn at this instant, in drawing order. */
export function visibleOverlays(overlays: readonly StoredOverlay[], nowMs: number): Overlay[] {
  return overlays
    .filter(isKnown)
    .filter((one) => one.visible && !isBefore(nowMs, one.from) && (!one.until || isBefore(nowMs, one.until)))
    .sort((a, b) => a.z - b.z);
}

function isKnown(overlay: StoredOverlay): overlay is Overlay {
  return OVERLAY_KINDS.has(overlay.kind);
}

function isBefore(nowMs: number, instant: string | undefined): boolean {
  return instant !== undefined && nowMs < Date.parse(instant);
}
