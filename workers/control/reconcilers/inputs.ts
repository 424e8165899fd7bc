import { INPUTS, inputIdOf } from '#core/ingest/input-recording';
import { eraseInput } from '#core/ingest/input-recordings';
import { closeInput } from '#core/ingest/store-input';
import type { Services } from '#wiring/services';

/** An ingest worker tells of its recordings every 5 s: one that is silent for so long is gone. Longer than the web process takes to be replaced. */
const SILENT_MS = 75_000;

/** Closes recordings of inputs whose worker is gone, from what it stored. */
export async function closeSilentInputs(services: Services): Promise<void> {
  const { stores, clock, log } = services;
  for (const recording of await stores.inputRecordings.find({ states: ['recording'] })) {
    if (clock.now().getTime() - recording.heardAt.getTime() < SILENT_MS) continue;
    log.warn({ recordingId: recording.id }, 'the worker that recorded an input is gone; it is closed');
    await closeInput(services, recording.id, { recovered: true });
  }
}

/** Gives the work again whose job was lost; one that waits or runs is the same job. */
export async function requeueInputs({ stores, jobs }: Services): Promise<void> {
  for (const { id } of await stores.inputRecordings.find({ states: ['processing'] })) {
    await jobs.add('finish-input', { recordingId: id });
  }
}

/** Removes media whose recording is gone with its channel. A recording is noted before its first piece, so none is taken for one that begins. */
export async function sweepInputs(services: Services): Promise<void> {
  for (const { key } of await services.storage.list(INPUTS, { shallow: true })) {
    const id = inputIdOf(key);
    if (id && !(await services.stores.inputRecordings.get(id))) await eraseInput(services, id);
  }
}
