import { againAfter } from '#core/playback/mp4/again';
import { type MovieSource, remux } from '#core/playback/mp4/remux';
import { makeMovieSink } from '#core/recording/make-files';
import type { MediaStorage, StoredObject } from '#core/recording/media-storage';
import { isAppError } from '#core/shared/app-error';
import { type InputRecording, inputKeys, PIECE_NAME } from './input-recording.ts';

const BACK_OFF_MS = [250, 1000, 3000, 6000] as const;
/** More than the last note told may have come before the end: room for so much of each track, s and samples a second. */
const UNTOLD_S = 30;
const MOST_SAMPLES_PER_S = 60;

export type FinishSteps = {
  onProgress?(doneS: number): Promise<void> | void;
  signal?: AbortSignal;
  wait(ms: number): Promise<unknown>;
};

/**
 * Makes one file of the stored pieces: every sample copied, in one reading, gaps kept. Idempotent; the pieces are left alone, so that a try
 * that is cut off costs nothing.
 * @returns null when nothing of it is stored
 * @throws AppError 'storage-unavailable' when storage stays away longer than a few tries
 */
export async function finishInput(
  storage: MediaStorage,
  recording: Pick<InputRecording, 'id' | 'startedAt' | 'durationMs' | 'samples'>,
  steps: FinishSteps,
): Promise<{ bytes: number; durationMs: number } | null> {
  const { id, startedAt } = recording;
  const again = againAfter(BACK_OFF_MS, steps.wait, (error) => isAppError(error) && error.retry !== 'never');
  const objects = await again(() => storage.list(inputKeys.folder(id)));
  const tracks = byTrack(inputKeys.folder(id), objects);
  if (tracks.length === 0) return null;
  const sources = tracks.map(({ name, pieces }): MovieSource => {
    const told = recording.samples[name] ?? 0;
    const durationS = recording.durationMs / 1000 + UNTOLD_S;
    return {
      expected: { durationS, samplesPerS: (told + UNTOLD_S * MOST_SAMPLES_PER_S) / durationS },
      init: (epoch) => again(() => storage.get(inputKeys.piece(id, `${name}/init-${epoch}.mp4`))),
      segments: pieces.map(({ key, epoch }) => ({ epoch, read: () => again(() => storage.get(key)) })),
    };
  });
  const expectedBytes = tracks.reduce((sum, { bytes }) => sum + bytes, 0);
  const sink = makeMovieSink(storage, { key: inputKeys.file(id), type: 'video/mp4', expectedBytes, again });
  const order = { tracks: sources.map((_, i) => i), facts: { createdAtMs: startedAt.getTime() }, open: sink };
  const [made] = await remux(sources, [order], { onProgress: steps.onProgress, signal: steps.signal });
  return made ? { bytes: made.bytes, durationMs: Math.round(made.durationS * 1000) } : null;
}

type StoredTrack = { name: string; pieces: { key: string; epoch: number; number: number }[]; bytes: number };

/** Tracks in the order of the file, picture first; pieces in the order in which they came. */
function byTrack(folder: string, objects: readonly StoredObject[]): StoredTrack[] {
  const tracks = new Map<string, StoredTrack>();
  for (const { key, size } of objects) {
    const name = key.slice(folder.length);
    const track = name.split('/')[0] ?? '';
    const [, epoch, number] = /(\d+)-(\d+)\.m4s$/.exec(name) ?? [];
    if (!PIECE_NAME.test(name) || epoch === undefined) continue;
    const known = tracks.get(track) ?? { name: track, pieces: [], bytes: 0 };
    known.pieces.push({ key, epoch: Number(epoch), number: Number(number) });
    known.bytes += size;
    tracks.set(track, known);
  }
  for (const { pieces } of tracks.values()) pieces.sort((one, other) => one.number - other.number);
  const place = ({ name }: StoredTrack) => (name === 'video' ? '' : name);
  return [...tracks.values()].sort((one, other) => (place(one) < place(other) ? -1 : 1));
}

/** Takes the pieces away once the file stands. @throws AppError 'storage-unavailable' */
export async function removePieces(storage: MediaStorage, id: string): Promise<void> {
  const folder = inputKeys.folder(id);
  const objects = await storage.list(folder);
  await storage.remove(objects.map(({ key }) => key).filter((key) => PIECE_NAME.test(key.slice(folder.length))));
}
