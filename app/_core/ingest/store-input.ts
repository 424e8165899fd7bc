import type { MediaStorage } from '#core/recording/media-storage';
import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import type { JobQueue } from '#core/shared/job-queue';
import {
  INPUT_RECORDING_ID,
  type InputRecordingNote,
  type InputRecordingStore,
  inputKeys,
  PIECE_NAME,
} from './input-recording.ts';

type Rooms = { stores: { inputRecordings: InputRecordingStore }; clock: Clock; jobs: JobQueue };

const closed = () =>
  new AppError('wrong-state', { blame: 'us', message: 'This recording is finished: nothing more of it is taken.' });

/**
 * Notes how a recording is; the one with `ended` closes it, and its file is made.
 * @throws AppError 'wrong-state' for one that is closed, or whose channel is gone; 'not-found' for no id of ours
 */
export async function noteInput(rooms: Rooms, id: string, note: InputRecordingNote): Promise<void> {
  const { inputRecordings } = rooms.stores;
  if (!INPUT_RECORDING_ID.safeParse(id).success) throw new AppError('not-found');
  if (!(await inputRecordings.note(id, note, rooms.clock.now()))) throw closed();
  if (note.ended) await closeInput(rooms, id, { recovered: false });
}

/** Ends a recording: from now on no piece is taken, and its file is made. */
export async function closeInput(
  rooms: Pick<Rooms, 'stores' | 'jobs'>,
  id: string,
  { recovered }: { recovered: boolean },
): Promise<void> {
  const isOurs = await rooms.stores.inputRecordings.change(id, 'recording', { state: 'processing', recovered });
  if (isOurs) await rooms.jobs.add('finish-input', { recordingId: id });
}

/**
 * Stores a piece of a recording that is being made.
 * @throws AppError 'not-found' before its first note, and for a name that is none; 'wrong-state' once it is closed; 'storage-unavailable'
 */
export async function storeInputPiece(
  rooms: Pick<Rooms, 'stores'> & { storage: Pick<MediaStorage, 'put'> },
  { id, name, body }: { id: string; name: string; body: Uint8Array },
): Promise<void> {
  const recording = PIECE_NAME.test(name) ? await rooms.stores.inputRecordings.get(id) : null;
  if (!recording) throw new AppError('not-found', { message: 'There is no such recording, or it has no such piece.' });
  if (recording.state !== 'recording') throw closed();
  await rooms.storage.put(inputKeys.piece(id, name), body, 'video/mp4');
}
