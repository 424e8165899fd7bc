import { mediaKeys, type StoredIndex } from '#core/playback/live-feed';
import { type Again, againAfter } from '#core/playback/mp4/again';
import { PartSink, partBytesFor } from '#core/playback/mp4/part-sink';
import { type MovieOrder, type MovieSource, type RemuxSteps, remux } from '#core/playback/mp4/remux';
import { isAppError } from '#core/shared/app-error';
import type { MediaStorage } from './media-storage.ts';
import { readStoredIndexes } from './stored-index.ts';

/** What was made, bytes each; null = there was nothing to make it of. */
export type MadeFiles = { mp4: number | null; audio: number | null };

export type FilesOrder = {
  playbackId: string;
  title: string;
  startedAtMs: number | null;
};

export type FilesSteps = {
  /** 0 to 1, about once a second of the show; what it waits for slows the work down. */
  onProgress?(done: number): Promise<void> | void;
  signal?: AbortSignal;
  /** Waits before storage is asked again, ms. */
  backOffMs?: readonly number[];
  /** The timer for those waits. */
  wait(ms: number): Promise<unknown>;
};

/** AAC-LC at 48 kHz; pictures where the index does not say. */
const SOUND_FRAMES_PER_S = 46.875;
const PICTURES_PER_S = 30;
/** A rendition with less than this of the longest one was only there for a while. */
const COVERED = 0.9;
const BACK_OFF_MS = [250, 1000, 3000, 6000] as const;

/**
 * Makes `recording.mp4` (top rung and sound) and `recording.m4a` (sound alone) of an ended show's stored segments: head first, copied,
 * in one reading. Idempotent: done again it replaces what was there, and a try that is cut off leaves nothing to be seen. Missing
 * segments keep their time.
 * @throws AppError 'storage-unavailable' when storage stays away longer than the pauses of `backOffMs`
 */
export async function makeRecordingFiles(
  storage: MediaStorage,
  order: FilesOrder,
  steps: FilesSteps,
): Promise<MadeFiles> {
  const { playbackId, title, startedAtMs } = order;
  // Only what may be different the next time is asked for again.
  const again = againAfter(
    steps.backOffMs ?? BACK_OFF_MS,
    steps.wait,
    (error) => isAppError(error) && error.retry !== 'never',
  );
  const indexes = await again(() => readStoredIndexes(storage, playbackId));
  const picture = topRung(indexes.filter(({ rendition }) => rendition.kind === 'video'));
  const sound = loudest(indexes.filter(({ rendition }) => rendition.kind === 'audio'));
  const chosen = [picture, sound].filter((index) => index !== null);
  if (chosen.length === 0) return { mp4: null, audio: null };
  const sources = chosen.map((index) => sourceOf(storage, playbackId, index, again));
  const facts = { title, ...(startedAtMs === null ? {} : { createdAtMs: startedAtMs }) };
  const orderOf = (key: string, type: string, tracks: number[]): MovieOrder => ({
    tracks,
    facts,
    open: makeMovieSink(storage, {
      ...{ key, type, again },
      expectedBytes: tracks.reduce((sum, track) => sum + bytesOf(chosen[track]), 0),
    }),
  });
  const all = chosen.map((_, track) => track);
  const mp4 = picture ? orderOf(mediaKeys.recording(playbackId), 'video/mp4', all) : null;
  const audio = sound ? orderOf(mediaKeys.recordingAudio(playbackId), 'audio/mp4', [chosen.indexOf(sound)]) : null;
  const orders = [mp4, audio].filter((one) => one !== null);
  const results = await remux(sources, orders, stepsOf(chosen, steps));
  const bytesMade = (one: MovieOrder | null) => (one ? (results[orders.indexOf(one)]?.bytes ?? null) : null);
  return { mp4: bytesMade(mp4), audio: bytesMade(audio) };
}

/** A movie's place in storage, for `MovieOrder.open`. */
export function makeMovieSink(
  storage: Pick<MediaStorage, 'put' | 'upload'>,
  { key, type, expectedBytes, again }: { key: string; type: string; expectedBytes: number; again: Again },
): MovieOrder['open'] {
  return async (room) => {
    const put = (bytes: Uint8Array) => storage.put(key, bytes, type);
    const settings = { partBytes: partBytesFor(expectedBytes + room), again };
    return new PartSink({ put, begin: () => storage.upload(key, type) }, room, settings);
  };
}

function stepsOf(chosen: readonly StoredIndex[], { onProgress, signal }: FilesSteps): RemuxSteps {
  const [first = 0, last = 0] = [
    Math.min(...chosen.map(({ segments }) => segments[0]?.w ?? 0)),
    Math.max(...chosen.map(({ segments }) => endMs(segments.at(-1)))),
  ];
  const lengthS = Math.max(1, (last - first) / 1000);
  return { signal, onProgress: (doneS) => onProgress?.(Math.min(1, doneS / lengthS)) };
}

const endMs = (row: StoredIndex['segments'][number] | undefined) => (row ? row.w + row.d / 90 : 0);
const kept = ({ segments }: StoredIndex) => segments.filter(({ gap }) => !gap);
const durationS = (index: StoredIndex) => kept(index).reduce((sum, { d }) => sum + d, 0) / 90_000;
const bytesOf = (index: StoredIndex | undefined) => (index ? kept(index).reduce((sum, { s }) => sum + s, 0) : 0);

/** The largest picture among those that were there (nearly) all the time. */
function topRung(indexes: readonly StoredIndex[]): StoredIndex | null {
  const most = Math.max(0, ...indexes.map(durationS));
  const area = ({ rendition }: StoredIndex) => (rendition.width ?? 0) * (rendition.height ?? 0);
  const whole = indexes.filter((index) => most > 0 && durationS(index) >= COVERED * most);
  return whole.sort((a, b) => area(b) - area(a) || b.rendition.bandwidth - a.rendition.bandwidth)[0] ?? null;
}

function loudest(indexes: readonly StoredIndex[]): StoredIndex | null {
  const some = indexes.filter((index) => kept(index).length > 0);
  return some.sort((a, b) => b.rendition.bandwidth - a.rendition.bandwidth)[0] ?? null;
}

function sourceOf(storage: MediaStorage, playbackId: string, index: StoredIndex, again: Again): MovieSource {
  const { id, kind, fps = PICTURES_PER_S } = index.rendition;
  return {
    expected: { durationS: durationS(index), samplesPerS: kind === 'video' ? fps : SOUND_FRAMES_PER_S },
    init: (epoch) => again(() => storage.get(mediaKeys.init(playbackId, id, epoch))),
    segments: kept(index).map(({ e, m }) => ({
      epoch: e,
      read: () => again(() => storage.get(mediaKeys.segment(playbackId, id, m))),
    })),
  };
}
