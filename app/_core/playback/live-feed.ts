import { z } from 'zod';
import type { Latency } from '#core/scene/scene';

/**
 * Record shapes of the live feed in Redis: written by the egress worker, read by playback and control.
 * Times in `d` are 1/90000 s, `w` is wall clock in ms since 1970.
 */

/** One rendition as the feed announces it. */
export const FeedRendition = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,24}$/),
  kind: z.enum(['video', 'audio']),
  /** RFC 6381, e.g. `avc1.4d401f` or `mp4a.40.2`. */
  codecs: z.string(),
  width: z.int().optional(),
  height: z.int().optional(),
  fps: z.number().optional(),
  /** Peak bits per second, container included. */
  bandwidth: z.int(),
  /** False while the engine has dropped this rung for want of CPU: not offered to players; segments of that time are gaps. */
  on: z.boolean().optional(),
});
export type FeedRendition = z.infer<typeof FeedRendition>;

export const FeedState = z.enum(['starting', 'active', 'ended']);
export type FeedState = z.infer<typeof FeedState>;

/** What the newest part shows: a source on air, or only the slate. */
export const FeedShows = z.enum(['slate', 'source']);
export type FeedShows = z.infer<typeof FeedShows>;

/** State of one push as the engine sees it (field `pushes` of the feed hash). */
export const FeedPush = z.object({
  /** HMAC of the full URL, see egress plan. */
  id: z.string(),
  state: z.enum(['connecting', 'pushing', 'retrying', 'failed', 'stopped']),
  bitrateKbps: z.number(),
  droppedFrames: z.int(),
  retries: z.int(),
  lastError: z.object({ code: z.string(), sentence: z.string() }).nullable(),
  sinceMs: z.int(),
});
export type FeedPush = z.infer<typeof FeedPush>;

/** What the engine leaves out of the show or cannot do, for those who run it: a code with its figures, the words are the studio's. */
export const FeedNote = z.discriminatedUnion('code', [
  /** Received, this track crashed the engine again and again. */
  z.object({ code: z.literal('left-out'), identity: z.string(), picture: z.boolean() }),
  /** Crashes went on: no picture is drawn until the scene changes. */
  z.object({ code: z.literal('only-slate') }),
  /** More pictures are published than are received. */
  z.object({ code: z.literal('pictures-capped'), most: z.int(), of: z.int() }),
  /** The scene in the room cannot be read, the last good one is drawn. `field` is a path into the room's metadata. */
  z.object({ code: z.literal('scene-unreadable'), field: z.string() }),
]);
export type FeedNote = z.infer<typeof FeedNote>;

/** Hash `feed:{playbackId}`; every field is a string in Redis. */
export type FeedRecord = {
  state: FeedState;
  shows: FeedShows;
  /** Raised by each new writer; a writer with a lower epoch is refused. */
  epoch: number;
  writer: string;
  egressId: string;
  /** Part target in ms: 213.34 rounds the AAC frame up (PART-TARGET 0.21334). */
  partMs: number;
  segmentMs: number;
  /** What playlists list: see `LATENCY_MODES`; absent = `low`. */
  latency?: Latency;
  startedAtMs: number;
  /** Wall clock of the newest part of any rendition. */
  lastPartAtMs: number;
  renditions: FeedRendition[];
  pushes: FeedPush[];
  /** Absent = nothing is left out. */
  notes?: FeedNote[];
};

/** One entry of the stream `feed:{playbackId}:{rendition}`, trimmed to 30 s. */
export type FeedEntry =
  | { t: 'init'; e: number; b: Uint8Array }
  | { t: 'part'; e: number; m: number; p: number; d: number; i: boolean; w: number; x: boolean; b: Uint8Array }
  | { t: 'segment'; e: number; m: number; parts: number; d: number; w: number; x: boolean; k: string | null }
  | { t: 'gap'; e: number; m: number; d: number; w: number; x: boolean }
  | { t: 'end'; e: number; m: number };

/** One entry of `feed:{playbackId}:{rendition}:index` and one row of `index.json` in storage: a whole segment without bytes. */
export const IndexEntry = z.object({
  m: z.int(),
  e: z.int(),
  /** Duration in 1/90000 s. */
  d: z.int(),
  w: z.int(),
  x: z.boolean(),
  /** Size in bytes; 0 = not known. */
  s: z.int(),
  /** True when the segment could not be kept: `EXT-X-GAP`. */
  gap: z.boolean().optional(),
});
export type IndexEntry = z.infer<typeof IndexEntry>;

/** `media/{playbackId}/{rendition}/index.json`. */
export const StoredIndex = z.object({
  v: z.literal(1),
  rendition: FeedRendition,
  ended: z.boolean(),
  segments: z.array(IndexEntry),
});
export type StoredIndex = z.infer<typeof StoredIndex>;

/**
 * Redis hash `openair:uploads`: field playback id → what an egress worker still has to store of a show that ended while storage was away.
 * Removed by the finaliser once `waiting` is 0; `atMs` is renewed while the worker is at it.
 */
export const LATE_UPLOADS_KEY = 'openair:uploads';
export const LateUpload = z.object({ waiting: z.int().min(0), atMs: z.int() });
export type LateUpload = z.infer<typeof LateUpload>;

export const FEED_TRIM_MS = 30_000;
export const FEED_KEEP_AFTER_END_S = 600;

export const feedKeys = {
  record: (playbackId: string) => `feed:${playbackId}`,
  stream: (playbackId: string, rendition: string) => `feed:${playbackId}:${rendition}`,
  index: (playbackId: string, rendition: string) => `feed:${playbackId}:${rendition}:index`,
  /** Hash: field `{rendition}:{epoch}` → init segment bytes. */
  init: (playbackId: string) => `feed:${playbackId}:init`,
  lease: (egressId: string) => `lease:${egressId}`,
};

/** Redis pub/sub channel that carries `FeedNews` at each change of state, shows or pushes. A hint only: the hash is the truth. */
export const FEED_NEWS_CHANNEL = 'feed:news';
export const FeedNews = z.object({ playbackId: z.string(), state: FeedState, shows: FeedShows });
export type FeedNews = z.infer<typeof FeedNews>;

/** Object names in the bucket. */
export const mediaKeys = {
  prefix: (playbackId: string) => `media/${playbackId}/`,
  init: (playbackId: string, rendition: string, epoch: number) => `media/${playbackId}/${rendition}/init-${epoch}.mp4`,
  segment: (playbackId: string, rendition: string, msn: number) => `media/${playbackId}/${rendition}/${msn}.m4s`,
  index: (playbackId: string, rendition: string) => `media/${playbackId}/${rendition}/index.json`,
  mediaPlaylist: (playbackId: string, rendition: string) => `media/${playbackId}/${rendition}/media.m3u8`,
  multivariantPlaylist: (playbackId: string) => `media/${playbackId}/index.m3u8`,
  show: (playbackId: string) => `media/${playbackId}/show.json`,
  dashManifest: (playbackId: string) => `media/${playbackId}/manifest.mpd`,
  recording: (playbackId: string) => `media/${playbackId}/recording.mp4`,
  recordingAudio: (playbackId: string) => `media/${playbackId}/recording.m4a`,
  thumbnail: (playbackId: string) => `media/${playbackId}/thumb.jpg`,
  /** The n-th sheet of pictures, from 0. */
  storyboard: (playbackId: string, sheet: number) => `media/${playbackId}/storyboard-${sheet}.jpg`,
  storyboardTrack: (playbackId: string) => `media/${playbackId}/storyboard.vtt`,
};
