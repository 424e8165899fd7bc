import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { notFound } from '#core/account/permissions';
import { IngestProtocol } from '#core/broadcast/news';
import type { ChannelStore } from '#core/channel/channel-store';
import { requireOwnChannel } from '#core/channel/require-channel';
import type { MediaStorage } from '#core/recording/media-storage';
import { AppError } from '#core/shared/app-error';
import { INPUT_RECORDING_STATES, type InputRecording, type InputRecordingStore, inputKeys } from './input-recording.ts';

/** An input's recording as its team sees it. */
export const InputRecordingView = z.object({
  id: z.string(),
  state: z.enum(INPUT_RECORDING_STATES),
  protocol: IngestProtocol,
  encoder: z.string(),
  startedAt: z.iso.datetime(),
  /** Seconds. */
  duration: z.number(),
  sizeBytes: z.int(),
  /** Path of the file, for the team alone; null until it is made. */
  mp4: z.string().nullable(),
  recovered: z.boolean(),
  /** Seconds that could not be stored. */
  gap: z.number(),
  /** What is wrong with it, in words. */
  problem: z.string().nullable(),
});
export type InputRecordingView = z.infer<typeof InputRecordingView>;

type Rooms = { stores: { channels: ChannelStore; inputRecordings: InputRecordingStore } };
type Asked = { actor: Actor; handle: string };

/** The channel's recordings of what encoders sent, newest first. @throws AppError 'unauthenticated', 'not-found' */
export async function listInputRecordings(rooms: Rooms, { actor, handle }: Asked): Promise<InputRecordingView[]> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  const found = await rooms.stores.inputRecordings.find({ channelId: channel.id });
  return found.map((one) => viewOf(one, channel.handle));
}

/** @throws AppError 'unauthenticated', 'not-found' */
export async function viewInputRecording(rooms: Rooms, asked: Asked & { id: string }): Promise<InputRecordingView> {
  const { recording, handle } = await requireRecording(rooms, asked);
  return viewOf(recording, handle);
}

/**
 * The file, for whoever runs the channel.
 * @throws AppError 'unauthenticated', 'not-found', 'wrong-state' before it is made, 'storage-unavailable'
 */
export async function openInputFile(
  rooms: Rooms & { storage: Pick<MediaStorage, 'head'> },
  asked: Asked & { id: string },
): Promise<{ key: string; size: number; name: string }> {
  const { recording, handle } = await requireRecording(rooms, asked);
  const found = recording.state === 'ready' ? await rooms.storage.head(inputKeys.file(recording.id)) : null;
  if (!found) {
    throw new AppError('wrong-state', {
      blame: 'owner',
      retry: 'with-back-off',
      message: 'This file is not made yet.',
    });
  }
  const began = recording.startedAt.toISOString().slice(0, 19).replace(/[:T]/g, '-');
  return { ...found, name: `${handle}-input-${began}.mp4` };
}

/**
 * Removes a recording and all that is stored of it.
 * @throws AppError 'unauthenticated', 'not-found', 'wrong-state' while it is being made, 'storage-unavailable' (it is there still then)
 */
export async function removeInputRecording(
  rooms: Rooms & { storage: Pick<MediaStorage, 'list' | 'remove'> },
  asked: Asked & { id: string },
): Promise<void> {
  const { recording } = await requireRecording(rooms, asked);
  if (recording.state === 'recording' || recording.state === 'processing') {
    const message = 'It is being recorded or finished: stop the encoder, and remove it when it is ready.';
    throw new AppError('wrong-state', { blame: 'owner', retry: 'with-back-off', message });
  }
  await eraseInput(rooms, recording.id);
}

/** Objects first: a record without them is erased by the next try, objects without a record by nobody. */
export async function eraseInput(
  rooms: { stores: { inputRecordings: InputRecordingStore }; storage: Pick<MediaStorage, 'list' | 'remove'> },
  id: string,
): Promise<void> {
  const objects = await rooms.storage.list(inputKeys.folder(id));
  await rooms.storage.remove(objects.map(({ key }) => key));
  await rooms.stores.inputRecordings.remove(id);
}

async function requireRecording(rooms: Rooms, { actor, handle, id }: Asked & { id: string }) {
  const channel = await requireOwnChannel(rooms, actor, handle);
  const recording = await rooms.stores.inputRecordings.get(id);
  if (!recording || recording.channelId !== channel.id) throw notFound('recording');
  return { recording, handle: channel.handle };
}

function viewOf(recording: InputRecording, handle: string): InputRecordingView {
  const { id, state, protocol, encoder, startedAt, durationMs, sizeBytes, recovered, lostMs } = recording;
  const isReady = state === 'ready';
  return {
    ...{ id, state, protocol, encoder, sizeBytes, recovered },
    startedAt: startedAt.toISOString(),
    duration: durationMs / 1000,
    mp4: isReady ? `/api/v1/channels/${handle}/ingest/recordings/${id}/file` : null,
    gap: lostMs / 1000,
    problem: problemOf(recording),
  };
}

function problemOf({ state, lostMs, leftOut, recovered }: InputRecording): string | null {
  const sentences: string[] = [];
  if (state === 'failed')
    sentences.push('No file can be made of it: what is stored of it cannot be read, or there is nothing.');
  if (lostMs > 0) sentences.push(`${secondsOf(lostMs)} are missing: the media store did not answer for too long.`);
  if (recovered) sentences.push('The ingest worker ended unexpectedly: up to four seconds are missing at the end.');
  if (leftOut.length > 0) sentences.push(`Left out, since MP4 does not carry it: ${leftOut.join(', ')}.`);
  return sentences.length > 0 ? sentences.join(' ') : null;
}

function secondsOf(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
