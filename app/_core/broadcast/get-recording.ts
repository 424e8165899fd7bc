import type { Actor } from '#core/account/actor';
import { notFound } from '#core/account/permissions';
import { publicView } from './public-view.ts';
import type { RecordingFiles, RecordingRecord } from './recording-store.ts';
import { requireWatchable } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';
import { ownPlayback, type ViewRooms } from './view-broadcast.ts';

export type RecordingView = {
  id: string;
  broadcastId: string;
  state: RecordingRecord['state'];
  /** Same address as the live show had. */
  hls: string;
  dash: string | null;
  /** One file to download or to play while it loads; null until it is made. */
  mp4: string | null;
  /** The sound alone (M4A). */
  audio: string | null;
  /** How far the two files are; null before the show is over. */
  files: Pick<RecordingFiles, 'state' | 'progress'> | null;
  thumbnails: string[];
  /** WebVTT that names, for each time, a picture inside a sheet (`#xywh=`). */
  storyboard: string | null;
  /** Seconds. */
  duration: number;
  /** All renditions as they are streamed. */
  sizeBytes: number;
  mp4Bytes: number | null;
  audioBytes: number | null;
  recovered: boolean;
  problem: string | null;
};

/** The stored media of a broadcast. @throws AppError 'not-found' before it was live */
export async function getRecording(
  rooms: Pick<BroadcastRooms, 'stores' | 'addresses' | 'clock'> & Pick<ViewRooms, 'signGrant'>,
  { actor, broadcastId }: { actor: Actor; broadcastId: string },
): Promise<RecordingView> {
  const { broadcast, channel, manages } = await requireWatchable(rooms, actor, broadcastId);
  const found = await rooms.stores.recordings.get(broadcast.id);
  if (!found || found.state === 'deleted') throw notFound('recording');
  const own = manages ? ownPlayback(rooms, broadcast, channel, rooms.clock.now().getTime()) : null;
  const { hls, dash } = own ?? publicView(broadcast, channel, 0, rooms.addresses).playback;
  const { files } = found;
  const address = (name: string, isThere: boolean | undefined) => (isThere ? hls.replace(/index\.m3u8$/, name) : null);
  const thumbnail = address('thumb.jpg', files?.thumbnail);
  return {
    id: found.id,
    broadcastId,
    state: found.state,
    hls,
    dash,
    mp4: address('recording.mp4', files?.mp4Bytes != null),
    audio: address('recording.m4a', files?.audioBytes != null),
    files: files && { state: files.state, progress: files.progress },
    thumbnails: thumbnail ? [thumbnail] : [],
    storyboard: address('storyboard.vtt', files?.storyboard),
    duration: found.durationMs / 1000,
    sizeBytes: found.sizeBytes,
    mp4Bytes: files?.mp4Bytes ?? null,
    audioBytes: files?.audioBytes ?? null,
    recovered: found.recovered,
    problem: manages ? found.problem : null,
  };
}
