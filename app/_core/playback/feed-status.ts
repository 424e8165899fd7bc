import { z } from 'zod';
import { Latency } from '#core/scene/scene';
import {
  type FeedNews,
  FeedNote,
  FeedPush,
  type FeedRecord,
  FeedRendition,
  FeedShows,
  FeedState,
} from './live-feed.ts';

/** Port: what the engine says of a broadcast, for control, realtime and the API. */
export type FeedStatus = {
  /** The feed's record, or null when there is no feed (not begun, or over for 10 minutes). */
  get(playbackId: string): Promise<FeedRecord | null>;
  /**
   * Calls `handler` at each change of state, shows or pushes of any feed. Hints only, they may be lost: `get` is the truth.
   * @returns stops watching
   */
  watch(handler: (news: FeedNews) => void): Promise<() => Promise<void>>;
};

function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
const list = <T extends z.ZodType>(item: T) => z.preprocess(fromJson, z.array(item)).catch([]);

const FeedHash = z.object({
  state: FeedState,
  shows: FeedShows.catch('slate'),
  epoch: z.coerce.number().int(),
  writer: z.string().default(''),
  egressId: z.string().default(''),
  partMs: z.coerce.number().positive().catch(213.34),
  segmentMs: z.coerce.number().positive().catch(1000),
  latency: Latency.catch('low'),
  startedAtMs: z.coerce.number().catch(0),
  lastPartAtMs: z.coerce.number().catch(0),
  renditions: list(FeedRendition),
  pushes: list(FeedPush),
  notes: list(FeedNote).optional(),
});

/** Reads the Redis hash `feed:{playbackId}`; null when it is absent or holds no valid state (a half-written hash). */
export function parseFeedRecord(hash: Record<string, string>): FeedRecord | null {
  if (Object.keys(hash).length === 0) return null;
  const read = FeedHash.safeParse(hash);
  return read.success ? read.data : null;
}

/** The same record as fields of the hash, all strings. */
export function feedRecordFields(record: FeedRecord): Record<string, string> {
  const { renditions, pushes, notes = [], ...plain } = record;
  const fields = Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, String(value)]));
  const lists = { renditions, pushes, ...(notes.length > 0 && { notes }) };
  return {
    ...fields,
    ...Object.fromEntries(Object.entries(lists).map(([key, value]) => [key, JSON.stringify(value)])),
  };
}
