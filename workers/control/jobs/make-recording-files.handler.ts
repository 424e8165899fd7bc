import { setTimeout as sleep } from 'node:timers/promises';
import { announce } from '#core/broadcast/change-broadcast';
import type { RecordingFiles } from '#core/broadcast/recording-store';
import { makeRecordingFiles } from '#core/recording/make-files';
import { isAppError } from '#core/shared/app-error';
import type { Services } from '#wiring/services';
import { MakeRecordingFilesJob } from './make-recording-files.job.ts';
import { makePacer } from './pacer.ts';

const TOLD_EVERY_MS = 2000;

/**
 * Makes the files of a closed recording and notes how far it is. May run twice, and again after it was cut off: it begins anew and
 * replaces what is there. Steps back while a show is on air.
 * @param signal called off when the worker ends; another one does it then
 * @throws when it is to be tried again
 */
export async function handleMakeRecordingFiles(services: Services, data: unknown, signal?: AbortSignal): Promise<void> {
  const { broadcastId } = MakeRecordingFilesJob.parse(data);
  const { stores, storage, log, clock } = services;
  const [broadcast, recording] = await Promise.all([
    stores.broadcasts.get(broadcastId),
    stores.recordings.get(broadcastId),
  ]);
  if (broadcast?.state !== 'ended' || recording?.state !== 'ready' || !recording.files) return;
  if (recording.files.state === 'ready' || recording.files.state === 'failed') return;
  const note = (change: Partial<RecordingFiles>) =>
    stores.recordings.putFiles(broadcastId, { ...(recording.files as RecordingFiles), ...change });
  await note({ state: 'making', progress: 0 });

  const begunMs = clock.now().getTime();
  const pace = makePacer(
    async () => (await stores.broadcasts.find({ states: ['live', 'interrupted'], limit: 1 })).length > 0,
  );
  let toldMs = begunMs;
  const onProgress = async (done: number) => {
    await pace();
    if (clock.now().getTime() - toldMs < TOLD_EVERY_MS) return;
    toldMs = clock.now().getTime();
    // A mark that is missed is not worth the work: the next one tells more.
    await note({ state: 'making', progress: Math.round(done * 1000) / 1000 }).catch(() => {});
  };
  const { playbackId, title, startedAt } = broadcast;
  const order = { playbackId, title, startedAtMs: startedAt?.getTime() ?? null };
  try {
    const { mp4, audio } = await makeRecordingFiles(storage, order, { onProgress, signal, wait: sleep });
    await note({ state: 'ready', progress: 1, mp4Bytes: mp4, audioBytes: audio });
    log.info({ broadcastId, mp4, audio, ms: clock.now().getTime() - begunMs }, 'the files of a recording were made');
  } catch (error) {
    if (signal?.aborted || isAppError(error)) {
      await note({ state: 'waiting', progress: 0 }).catch(() => {});
      throw error;
    }
    // Trying the same again would end the same; the recording plays on without its files.
    log.error({ err: error, broadcastId }, 'the files of a recording cannot be made');
    await note({ state: 'failed', progress: 0 });
  }
  const fresh = await stores.broadcasts.get(broadcastId);
  if (fresh) await announce(services, fresh);
}
