import type { BroadcastRecord } from '#core/broadcast/broadcast-store';
import type { Services } from '#wiring/services';

/** A webhook whose job did not come for so long was forgotten with Redis. */
const FORGOTTEN_S = 30;
const MOST = 100;
/** An ended broadcast whose recording is not finished after so long gets its job again. */
const UNFINISHED_AFTER_MS = 30_000;
const UNFINISHED_WITHIN_MS = 24 * 3_600_000;

/** Gives work again whose job was lost: webhooks in the inbox, recordings and their files that nobody finishes. */
export async function requeueLeftovers(services: Services): Promise<void> {
  const { stores, jobs, clock } = services;
  for (const event of await stores.webhookInbox.findOpen(FORGOTTEN_S, MOST)) {
    await jobs.add('process-webhook', { eventId: event.id });
  }
  const nowMs = clock.now().getTime();
  const ended = await stores.broadcasts.find({
    states: ['ended'],
    endedAfter: new Date(nowMs - UNFINISHED_WITHIN_MS),
    limit: MOST,
  });
  for (const broadcast of ended) {
    const endedMs = broadcast.endedAt?.getTime() ?? nowMs;
    if (!broadcast.startedAt || nowMs - endedMs < UNFINISHED_AFTER_MS) continue;
    const recording = await stores.recordings.get(broadcast.id);
    if (recording === null || recording.state === 'processing' || recording.state === 'recording') {
      await jobs.add('finalize-recording', { broadcastId: broadcast.id });
    } else if (recording.files?.state === 'waiting' || recording.files?.state === 'making') {
      // One that is waiting or running already is the same job.
      await jobs.add('make-recording-files', { broadcastId: broadcast.id });
    }
  }
  await finishLateOnes(services, ended);
  await stores.webhookInbox.prune();
}

/** Recordings whose last segments came into storage after all: closed once more, gaps and all. */
async function finishLateOnes({ lateUploads, jobs }: Services, ended: readonly BroadcastRecord[]): Promise<void> {
  for (const [playbackId, { waiting }] of await lateUploads.list()) {
    if (waiting > 0) continue;
    const broadcast = ended.find((one) => one.playbackId === playbackId);
    if (broadcast) await jobs.add('finalize-recording', { broadcastId: broadcast.id });
    await lateUploads.clear(playbackId);
  }
}
