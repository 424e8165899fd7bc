import { readInit, readSegmentTicks } from '#core/playback/cmaf';
import type { FeedSnapshot } from '#core/playback/feed-reader';
import { FeedWindow, type WindowSegment } from '#core/playback/feed-window';
import { type FeedRendition, type IndexEntry, mediaKeys, type StoredIndex } from '#core/playback/live-feed';
import type { MediaStorage } from './media-storage.ts';

/** All that the finaliser can ask about one show. */
export type Sources = {
  playbackId: string;
  snapshot: FeedSnapshot | null;
  indexes: StoredIndex[];
  /** Sizes of the stored objects by key. */
  objects: Map<string, number>;
  storage: MediaStorage;
};

export type GatheredRendition = { rendition: FeedRendition; segments: WindowSegment[]; endSeen: boolean };

const SEGMENT_TICKS = 90_000;
/** Guess for a rendition that only its files tell of: bits per second of a 720p picture, of stereo sound. */
const BANDWIDTH = { video: 3_500_000, audio: 160_000 };

/** Numbers in the names of a rendition's stored objects: `{msn}.m4s` or `init-{epoch}.mp4`, ascending. */
function storedNumbers({ objects, playbackId }: Sources, rendition: string, name: RegExp): number[] {
  const prefix = `${mediaKeys.prefix(playbackId)}${rendition}/`;
  return [...objects.keys()]
    .flatMap((key) => {
      const found = key.startsWith(prefix) ? name.exec(key.slice(prefix.length)) : null;
      return found ? [Number(found[1])] : [];
    })
    .sort((a, b) => a - b);
}
const segmentNumbers = (sources: Sources, id: string) => storedNumbers(sources, id, /^(\d+)\.m4s$/);
const initNumbers = (sources: Sources, id: string) => storedNumbers(sources, id, /^init-(\d+)\.mp4$/);

/** Segments that no index tells of, read from the files themselves: a crash lost at most the last half minute of the index. */
async function readUnlisted(sources: Sources, id: string, known: readonly IndexEntry[]): Promise<IndexEntry[]> {
  const { storage, playbackId } = sources;
  const listed = new Set(known.map((row) => row.m));
  const epoch = initNumbers(sources, id).at(-1) ?? known.at(-1)?.e ?? 1;
  const init = await storage.get(mediaKeys.init(playbackId, id, epoch));
  const timescale = (init && readInit(init)?.timescale) ?? SEGMENT_TICKS;
  let before = known.at(-1);
  const found: IndexEntry[] = [];
  for (const m of segmentNumbers(sources, id)) {
    if (listed.has(m)) continue;
    const bytes = await storage.get(mediaKeys.segment(playbackId, id, m));
    if (!bytes) continue;
    const d = readSegmentTicks(bytes, timescale) ?? SEGMENT_TICKS;
    const w = before ? Math.round(before.w + before.d / 90 + (m - before.m - 1) * 1000) : 0;
    before = { m, e: epoch, d, w, x: before !== undefined && before.e !== epoch, s: bytes.byteLength };
    found.push(before);
  }
  return found;
}

async function describeRendition(sources: Sources, id: string): Promise<FeedRendition | null> {
  const known =
    sources.snapshot?.record.renditions.find((rendition) => rendition.id === id) ??
    sources.indexes.find((index) => index.rendition.id === id)?.rendition;
  if (known) return known;
  const epoch = initNumbers(sources, id)[0];
  const init = epoch === undefined ? null : await sources.storage.get(mediaKeys.init(sources.playbackId, id, epoch));
  const facts = init && readInit(init);
  if (!facts) return null;
  const { timescale: _timescale, ...rest } = facts;
  return { id, ...rest, bandwidth: BANDWIDTH[facts.kind] };
}

/** Names of all renditions that feed, index or files tell of, the feed's order first. */
function renditionNames({ snapshot, indexes, objects, playbackId }: Sources): string[] {
  const prefix = mediaKeys.prefix(playbackId);
  const folders = [...objects.keys()].flatMap((key) => {
    const [folder, file] = key.slice(prefix.length).split('/');
    return folder && file?.endsWith('.m4s') ? [folder] : [];
  });
  const fromFeed = snapshot?.record.renditions.map((rendition) => rendition.id) ?? [];
  return [...new Set([...fromFeed, ...indexes.map((index) => index.rendition.id), ...folders])];
}

async function gatherRendition(sources: Sources, rendition: FeedRendition): Promise<GatheredRendition> {
  const { id } = rendition;
  const stored = sources.indexes.find((index) => index.rendition.id === id);
  const live = sources.snapshot?.renditions.get(id);
  const byNumber = new Map([...(stored?.segments ?? []), ...(live?.index ?? [])].map((row) => [row.m, row]));
  const rows = [...byNumber.values()].sort((a, b) => a.m - b.m);
  const segmentMs = sources.snapshot?.record.segmentMs ?? 1000;
  const window = new FeedWindow({ keepPartsMs: Number.POSITIVE_INFINITY, segmentMs });
  const inFeed = new Set(live?.entries.flatMap((entry) => ('m' in entry ? [entry.m] : [])));
  const unlisted = (await readUnlisted(sources, id, rows)).filter((row) => !inFeed.has(row.m));
  window.restore([...rows, ...unlisted], live?.entries ?? []);
  const endSeen = window.ended || stored?.ended === true || sources.snapshot?.record.state === 'ended';
  window.apply({ t: 'end', e: Number.MAX_SAFE_INTEGER, m: window.last?.m ?? 0 });
  return { rendition, segments: [...window.segments], endSeen };
}

/** Everything there is of a show, by rendition. @throws AppError 'storage-unavailable' */
export async function gatherSegments(sources: Sources): Promise<GatheredRendition[]> {
  const gathered: GatheredRendition[] = [];
  for (const id of renditionNames(sources)) {
    const rendition = await describeRendition(sources, id);
    if (rendition) gathered.push(await gatherRendition(sources, rendition));
  }
  return gathered;
}
