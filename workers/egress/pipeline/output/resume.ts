import { type IndexEntry, mediaKeys, StoredIndex } from '#core/playback/live-feed';
import type { Leftovers } from './feed-leftovers.ts';
import type { Storage } from './storage.ts';

/** Where an earlier writer stopped; from the feed, else from storage (DR-10). */
export type Earlier = {
  startedAtMs: number;
  lastMsn: number;
  lastEndMs: number;
  rows: Map<string, IndexEntry[]>;
};

/** Highest epoch and the rows of the indexes in storage; an empty or absent storage is nothing. */
export async function readStoredIndexes(
  storage: Pick<Storage, 'get'>,
  prefix: string,
  renditions: readonly string[],
): Promise<{ epoch: number; earlier: Earlier | null }> {
  const rows = new Map<string, IndexEntry[]>();
  const found = renditions.map(async (id) => {
    const name = prefix + mediaKeys.index('', id).slice(mediaKeys.prefix('').length);
    return { id, bytes: await storage.get(name).catch(() => null) };
  });
  for (const { id, bytes } of await Promise.all(found)) {
    const read = bytes ? StoredIndex.safeParse(parseJson(bytes)) : null;
    if (read?.success) rows.set(id, read.data.segments);
  }
  // Row by row: a show of nine hours has more rows than a call can have arguments.
  const earlier: Earlier = { startedAtMs: Number.POSITIVE_INFINITY, lastMsn: -1, lastEndMs: 0, rows };
  let epoch = 0;
  for (const { e, m, w, d } of [...rows.values()].flat()) {
    epoch = Math.max(epoch, e);
    earlier.startedAtMs = Math.min(earlier.startedAtMs, w);
    earlier.lastMsn = Math.max(earlier.lastMsn, m);
    earlier.lastEndMs = Math.max(earlier.lastEndMs, w + d / 90);
  }
  return { epoch, earlier: earlier.lastMsn < 0 ? null : earlier };
}

export function earlierOf(leftovers: Leftovers): Earlier {
  const rows = new Map([...leftovers.renditions].map(([id, left]) => [id, left.rows]));
  const { startedAtMs, lastMsn, lastEndMs } = leftovers;
  return { startedAtMs, lastMsn, lastEndMs, rows };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}
