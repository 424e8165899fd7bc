import { z } from 'zod';
import { BROADCAST_STATES, VISIBILITIES } from '#core/broadcast/broadcast';
import { FeedRendition } from './live-feed.ts';

/** Ids of playback in a path: no dot, no slash, no `~`, so that a grant and a file name can follow. */
export const PlaybackId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$/);

/**
 * What the media origin must know of a broadcast without PostgreSQL (DR-1): written by the backend whenever a broadcast is
 * made or changed, kept in Redis and, since Redis may be lost, in storage (`media/{playbackId}/show.json`).
 */
export const Show = z.object({
  playbackId: PlaybackId,
  visibility: z.enum(VISIBILITIES),
  /** Grants of a lower epoch are dead: raise it to revoke every grant of this show. */
  grantEpoch: z.int().min(0),
  title: z.string(),
  state: z.enum(BROADCAST_STATES),
  /** When a scheduled one is to begin, for the countdown. */
  startsAt: z.iso.datetime().nullable().default(null),
  /** How far back the live playlist goes, s, by the channel's plan; null = as far as the origin's setting says. */
  dvrS: z.int().min(30).nullable().default(null),
  /** The broadcast record's version: an older `put` never replaces a newer one. */
  version: z.int().min(0),
});
export type Show = z.infer<typeof Show>;
/** A show as it is written: what has a default may be left out. */
export type ShowInput = z.input<typeof Show>;

/** What the finaliser found and closed. */
export const RecordingFacts = z.object({
  state: z.enum(['ready', 'failed']),
  durationS: z.number(),
  /** Segments of the longest rendition, gaps left out. */
  segments: z.int(),
  /** Segments that no store holds, over all renditions. */
  missing: z.int(),
  bytes: z.int(),
  /** True when no end mark was found and the recording was closed from what is stored. */
  recovered: z.boolean(),
  renditions: z.array(FeedRendition),
  finalizedAt: z.iso.datetime(),
});
export type RecordingFacts = z.infer<typeof RecordingFacts>;

/** `show.json` in storage: two writers, each of which keeps the other's half. */
export const StoredShow = z.object({ v: z.literal(1), show: Show.nullable(), recording: RecordingFacts.nullable() });
export type StoredShow = z.infer<typeof StoredShow>;

/**
 * Port: shows by playback id. `put` is idempotent and ordered by `version`; it succeeds when one of the two stores took it
 * (the next `put` or reconcile mends the other) and throws AppError 'unavailable' when none did.
 */
export type ShowRegistry = {
  put(show: ShowInput): Promise<void>;
  /** Null when no store knows it. @throws AppError 'unavailable' when that cannot be said because a store is away */
  get(playbackId: string): Promise<Show | null>;
};

export const showKeys = { show: (playbackId: string) => `show:${playbackId}` };
