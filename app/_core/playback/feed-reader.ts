import type { FeedEntry, FeedRecord, IndexEntry } from './live-feed.ts';

/** Place in one rendition's stream after which to go on reading. Opaque. */
export type FeedCursor = string;

/** All that is known of a live feed at one moment. */
export type FeedSnapshot = {
  record: FeedRecord;
  /** Init segments by `{rendition}:{epoch}`. */
  inits: Map<string, Uint8Array>;
  renditions: Map<string, { index: IndexEntry[]; entries: FeedEntry[]; cursor: FeedCursor }>;
};

/** What came in one read: entries of a rendition in order, and where to go on. */
export type FeedBatch = { rendition: string; entries: FeedEntry[]; cursor: FeedCursor };

/** Port: the live feed as the media origin reads it. Throws AppError 'unavailable' when the feed cannot be asked. */
export type FeedReader = {
  record(playbackId: string): Promise<FeedRecord | null>;
  /** Null when there is no feed. */
  snapshot(playbackId: string): Promise<FeedSnapshot | null>;
  /** Null when the feed has no such init segment (yet). */
  init(playbackId: string, rendition: string, epoch: number): Promise<Uint8Array | null>;
  /**
   * Yields what is written after the cursors, all renditions of one wake-up together; an empty list now and then, so that the
   * caller may look at the record. Waits without polling; ends when `signal` aborts.
   */
  follow(playbackId: string, cursors: Map<string, FeedCursor>, signal: AbortSignal): AsyncIterable<FeedBatch[]>;
};
