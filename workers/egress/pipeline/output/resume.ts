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
  storage: Storage,
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
  const all = [...rows.values()].flat();
  const epoch = Math.max(0, ...all.map(({ e }) => e));
  if (all.length === 0) return { epoch, earlier: null };
  const first = all.reduce((a, b) => (b.w < a.w ? b : a));
  const lastMsn = Math.max(...all.map(({ m }) => m));
  const lastEndMs = Math.max(...all.map(({ w, d }) => w + d / 90));
  return { epoch, earlier: { startedAtMs: first.w, lastMsn, lastEndMs, rows } };
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
