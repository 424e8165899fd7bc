import { setTimeout as sleep } from 'node:timers/promises';
import { finishInput, removePieces } from '#core/ingest/finish-input';
import { isAppError } from '#core/shared/app-error';
import type { Services } from '#wiring/services';
import { FinishInputJob } from './finish-input.job.ts';
import { makePacer } from './pacer.ts';

/**
 * Makes the file of a closed recording of an input. May run twice, and again after it was cut off: the pieces go when the file stands and is noted.
 * Steps back while a show is on air.
 * @param signal called off when the worker ends; another one does it then
 * @throws when it is to be tried again
 */
export async function handleFinishInput(services: Services, data: unknown, signal?: AbortSignal): Promise<void> {
  const { recordingId: id } = FinishInputJob.parse(data);
  const { stores, storage, log } = services;
  const recording = await stores.inputRecordings.get(id);
  if (recording?.state !== 'processing') return;
  const onProgress = makePacer(
    async () => (await stores.broadcasts.find({ states: ['live', 'interrupted'], limit: 1 })).length > 0,
  );
  try {
    const made = await finishInput(storage, recording, { onProgress, signal, wait: sleep });
    if (made) {
      const { bytes, durationMs } = made;
      await stores.inputRecordings.change(id, 'processing', { state: 'ready', sizeBytes: bytes, durationMs });
      log.info({ recordingId: id, bytes, durationMs }, 'the recording of an input is ready');
    } else await stores.inputRecordings.change(id, 'processing', { state: 'failed', sizeBytes: 0 });
  } catch (error) {
    if (signal?.aborted || isAppError(error)) throw error;
    // Trying the same again would end the same; its pieces stay, until somebody removes it.
    log.error({ err: error, recordingId: id }, 'no file can be made of the recording of an input');
    await stores.inputRecordings.change(id, 'processing', { state: 'failed' });
    return;
  }
  // What stays costs room, and goes with the recording.
  await removePieces(storage, id).catch((error) =>
    log.warn({ err: error, recordingId: id }, 'pieces were not removed'),
  );
}
