import type { Actor } from '#core/account/actor';
import { notFound } from '#core/account/permissions';
import { publicView } from './public-view.ts';
import type { RecordingRecord } from './recording-store.ts';
import { requireWatchable } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

export type RecordingView = {
  id: string;
  broadcastId: string;
  state: RecordingRecord['state'];
  /** Same address as the live show had. */
  hls: string;
  dash: string | null;
  mp4: string | null;
  thumbnails: string[];
  /** Seconds. */
  duration: number;
  sizeBytes: number;
  recovered: boolean;
  problem: string | null;
};

/** The stored media of a broadcast. @throws AppError 'not-found' before it was live */
export async function getRecording(
  rooms: Pick<BroadcastRooms, 'stores' | 'addresses'>,
  { actor, broadcastId }: { actor: Actor; broadcastId: string },
): Promise<RecordingView> {
  const { broadcast, channel, manages } = await requireWatchable(rooms, actor, broadcastId);
  const found = await rooms.stores.recordings.get(broadcast.id);
  if (!found || found.state === 'deleted') throw notFound('recording');
  const { hls, dash } = publicView(broadcast, channel, 0, rooms.addresses).playback;
  return {
    id: found.id,
    broadcastId,
    state: found.state,
    hls,
    dash,
    mp4: null,
    thumbnails: [],
    duration: found.durationMs / 1000,
    sizeBytes: found.sizeBytes,
    recovered: found.recovered,
    problem: manages ? found.problem : null,
  };
}
