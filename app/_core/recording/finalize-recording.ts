import { renderEndedManifest } from '#core/playback/dash';
import type { FeedReader, FeedSnapshot } from '#core/playback/feed-reader';
import type { WindowSegment } from '#core/playback/feed-window';
import { type FeedRendition, type IndexEntry, mediaKeys } from '#core/playback/live-feed';
import { renderMultivariantPlaylist } from '#core/playback/multivariant';
import { nominalMs, renderEndedPlaylist } from '#core/playback/playlist';
import type { RecordingFacts, ShowRegistry } from '#core/playback/show';
import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import { type GatheredRendition, gatherSegments, type Sources } from './gather-segments.ts';
import type { MediaStorage } from './media-storage.ts';
import { readStoredIndexes, writeStoredIndex } from './stored-index.ts';
import { readStoredShow, writeStoredShow } from './stored-show.ts';

export type FinalizeServices = {
  storage: MediaStorage;
  feed: Pick<FeedReader, 'snapshot'>;
  clock: Clock;
  /** To complete `show.json` when storage missed a `put`. */
  shows?: Pick<ShowRegistry, 'get'>;
  log?: { warn(facts: object, message: string): void };
};

/** A feed with a part as young as this is still being written. */
const STILL_WRITTEN_MS = 10_000;
const HLS = 'application/vnd.apple.mpegurl';
const utf8 = new TextEncoder();

/** The live feed, or null when it is gone or cannot be asked: storage is the world (DR-2). */
async function readFeed(services: FinalizeServices, playbackId: string): Promise<FeedSnapshot | null> {
  const snapshot = await services.feed.snapshot(playbackId).catch((error) => {
    services.log?.warn({ err: error, playbackId }, 'finalising without the live feed');
    return null;
  });
  const quietMs = services.clock.now().getTime() - (snapshot?.record.lastPartAtMs ?? 0);
  if (snapshot && snapshot.record.state !== 'ended' && quietMs < STILL_WRITTEN_MS) {
    throw new AppError('wrong-state', { retry: 'with-back-off', message: 'The show is still being written.' });
  }
  return snapshot;
}

/** Stores what only the feed still has: the engine died, or storage was away, before its upload. */
async function rescue(sources: Sources, { rendition, segments }: GatheredRendition): Promise<void> {
  const { storage, playbackId, objects, snapshot } = sources;
  async function put(key: string, bytes: Uint8Array): Promise<void> {
    if (objects.has(key)) return;
    await storage.put(key, bytes, 'video/mp4');
    objects.set(key, bytes.byteLength);
  }
  for (const segment of segments) {
    if (!segment.whole || segment.parts.length === 0) continue;
    const bytes = new Uint8Array(segment.parts.reduce((size, part) => size + part.bytes.byteLength, 0));
    let at = 0;
    for (const part of segment.parts) {
      bytes.set(part.bytes, at);
      at += part.bytes.byteLength;
    }
    await put(mediaKeys.segment(playbackId, rendition.id, segment.m), bytes);
  }
  for (const [name, bytes] of snapshot?.inits ?? []) {
    const [id = '', epoch] = name.split(':');
    if (id === rendition.id) await put(mediaKeys.init(playbackId, id, Number(epoch)), bytes);
  }
}

/** Sets each segment's gap by what is really stored, and cuts missing ones off the end. */
function verified(sources: Sources, { rendition, segments }: GatheredRendition): WindowSegment[] {
  const has = (segment: WindowSegment) =>
    sources.objects.has(mediaKeys.segment(sources.playbackId, rendition.id, segment.m));
  const all = segments.map((segment) => ({ ...segment, closed: true, gap: !has(segment), parts: [] }));
  const last = all.findLastIndex((segment) => !segment.gap);
  return all.slice(0, last + 1);
}

type Finished = { rendition: FeedRendition; segments: WindowSegment[]; bytes: number };

async function writeRendition(sources: Sources, finished: Finished): Promise<void> {
  const { storage, playbackId, objects, snapshot } = sources;
  const { rendition, segments } = finished;
  const rows = segments.map(({ m, e, d, w, x, gap }): IndexEntry => {
    const s = objects.get(mediaKeys.segment(playbackId, rendition.id, m)) ?? 0;
    return { m, e, d, w, x, s, ...(gap ? { gap } : {}) };
  });
  await writeStoredIndex(storage, playbackId, { v: 1, rendition, ended: true, segments: rows });
  const text = renderEndedPlaylist(segments, snapshot?.record.segmentMs ?? nominalMs(segments));
  await storage.put(mediaKeys.mediaPlaylist(playbackId, rendition.id), utf8.encode(text), HLS);
}

const startOf = (finished: readonly Finished[]) =>
  Math.min(...finished.flatMap(({ segments }) => segments[0]?.w ?? []));

const durationS = (segments: readonly WindowSegment[]) => segments.reduce((sum, { d }) => sum + d, 0) / 90_000;

function factsOf(finished: readonly Finished[], recovered: boolean, now: Date): RecordingFacts {
  const count = (gap: boolean) => finished.map(({ segments }) => segments.filter((s) => s.gap === gap).length);
  return {
    state: finished.length > 0 ? 'ready' : 'failed',
    durationS: Math.max(0, ...finished.map(({ segments }) => durationS(segments))),
    segments: Math.max(0, ...count(false)),
    missing: count(true).reduce((sum, n) => sum + n, 0),
    bytes: finished.reduce((sum, { bytes }) => sum + bytes, 0),
    recovered,
    renditions: finished.map(({ rendition }) => rendition),
    finalizedAt: now.toISOString(),
  };
}

function bytesOf({ objects, playbackId }: Sources, id: string): number {
  const prefix = `${mediaKeys.prefix(playbackId)}${id}/`;
  let bytes = 0;
  for (const [key, size] of objects) if (key.startsWith(prefix) && /\.(m4s|mp4)$/.test(key)) bytes += size;
  return bytes;
}

/**
 * Closes a show's recording: finds every segment in feed, index and storage, stores what only the feed still has, marks what is
 * lost as a gap, and writes indexes, playlists with their end mark and `show.json`. Idempotent: it may run twice, at once too, and again
 * after a late upload. Works after a crash that left no end mark (DR-15, R-64).
 * @returns state 'failed' when nothing of the show is stored; `recovered` when no end mark was found
 * @throws AppError 'storage-unavailable' (try again) · 'wrong-state' while the show is still being written
 */
export async function finalizeRecording(
  services: FinalizeServices,
  { playbackId }: { playbackId: string },
): Promise<RecordingFacts> {
  const { storage } = services;
  const snapshot = await readFeed(services, playbackId);
  const listed = await storage.list(mediaKeys.prefix(playbackId));
  const objects = new Map(listed.map(({ key, size }) => [key, size]));
  const indexes = await readStoredIndexes(storage, playbackId);
  const sources: Sources = { playbackId, snapshot, indexes, objects, storage };
  const gathered = await gatherSegments(sources);
  const finished: Finished[] = [];
  for (const found of gathered) {
    await rescue(sources, found);
    const segments = verified(sources, found);
    if (segments.length === 0) continue;
    finished.push({ rendition: found.rendition, segments, bytes: bytesOf(sources, found.rendition.id) });
  }
  for (const each of finished) await writeRendition(sources, each);
  // A rung that was off at the end is a rendition with gaps from now on.
  const whole = finished.map((each) => ({ ...each, rendition: { ...each.rendition, on: true } }));
  const multivariant = renderMultivariantPlaylist(whole.map(({ rendition }) => rendition));
  if (multivariant !== null) {
    await storage.put(mediaKeys.multivariantPlaylist(playbackId), utf8.encode(multivariant), HLS);
  }
  const manifest = renderEndedManifest(
    { renditions: whole, startedAtMs: startOf(whole), segmentMs: nominalMs(whole.flatMap(({ segments }) => segments)) },
    { closeHoles: true },
  );
  if (manifest !== null) {
    await storage.put(mediaKeys.dashManifest(playbackId), utf8.encode(manifest), 'application/dash+xml');
  }
  const stored = await readStoredShow(storage, playbackId);
  const recovered = stored.recording?.recovered === true || gathered.some((found) => !found.endSeen);
  const recording = factsOf(finished, recovered, services.clock.now());
  const show = stored.show ?? (await services.shows?.get(playbackId).catch(() => null)) ?? null;
  await writeStoredShow(storage, playbackId, { v: 1, show, recording });
  return recording;
}
