import { announce } from '#core/broadcast/change-broadcast';
import type { RecordingRecord } from '#core/broadcast/recording-store';
import { mediaKeys } from '#core/playback/live-feed';
import type { RecordingFacts } from '#core/playback/show';
import { finalizeRecording } from '#core/recording/finalize-recording';
import { isStillUploading } from '#core/recording/late-uploads';
import type { Services } from '#wiring/services';
import { FinalizeRecordingJob } from './finalize-recording.job.ts';

/** Closes the recording of an ended broadcast and tells pages that it plays. May run twice; throws when it is to be tried again. */
export async function handleFinalizeRecording(services: Services, data: unknown): Promise<void> {
  const { broadcastId } = FinalizeRecordingJob.parse(data);
  const { broadcasts, recordings } = services.stores;
  const broadcast = await broadcasts.get(broadcastId);
  if (broadcast?.state !== 'ended' || broadcast.startedAt === null) return;
  const late = (await services.lateUploads.list()).get(broadcast.playbackId);
  // Closed now, it would have gaps where segments are still on their way; it is asked for again when they are there.
  if (isStillUploading(late, services.clock.now().getTime())) {
    services.log.info({ broadcastId, waiting: late?.waiting }, 'a recording waits for its last segments');
    return;
  }
  const facts = await finalizeRecording(services, { playbackId: broadcast.playbackId });
  const known = await recordings.get(broadcastId);
  await recordings.put({
    id: known?.id ?? services.ids.make('rec'),
    broadcastId,
    state: facts.state,
    durationMs: facts.durationS * 1000,
    sizeBytes: facts.bytes,
    recovered: facts.recovered,
    problem: problemOf(facts),
  });
  if (facts.state === 'ready') await orderFiles(services, broadcast.playbackId, { broadcastId, known, facts });
  services.log.info(
    { broadcastId, state: facts.state, durationS: facts.durationS, missing: facts.missing, recovered: facts.recovered },
    'a recording was closed',
  );
  const fresh = await broadcasts.get(broadcastId);
  if (fresh) await announce(services, fresh);
}

/** Notes which pictures there are and orders the files, unless they were made of the very same segments already. */
async function orderFiles(
  { stores, storage, jobs }: Services,
  playbackId: string,
  { broadcastId, known, facts }: { broadcastId: string; known: RecordingRecord | null; facts: RecordingFacts },
): Promise<void> {
  const isThere = async (key: string) => (await storage.head(key)) !== null;
  const [thumbnail, storyboard] = await Promise.all([
    isThere(mediaKeys.thumbnail(playbackId)),
    isThere(mediaKeys.storyboardTrack(playbackId)),
  ]);
  const made = known?.files?.state === 'ready' && known.sizeBytes === facts.bytes ? known.files : null;
  const fresh = { state: 'waiting', progress: 0, mp4Bytes: null, audioBytes: null } as const;
  await stores.recordings.putFiles(broadcastId, { ...(made ?? fresh), thumbnail, storyboard });
  if (!made) await jobs.add('make-recording-files', { broadcastId });
}

function problemOf(facts: RecordingFacts): string | null {
  if (facts.state === 'failed') return 'Nothing of this broadcast was stored, so there is no recording.';
  if (facts.missing > 0) return `${facts.missing} segments could not be stored; the recording has gaps there.`;
  return null;
}
