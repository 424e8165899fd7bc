import type { RoomMetadata } from '#core/scene/scene';
import type { BroadcastRecord } from './broadcast-store.ts';
import type { BroadcastRooms } from './rooms.ts';

/** What the compositor reads of a broadcast. */
export function metadataOf(broadcast: BroadcastRecord): RoomMetadata {
  return {
    v: 1,
    channelId: broadcast.channelId,
    broadcastId: broadcast.id,
    playbackId: broadcast.playbackId,
    program: broadcast.program,
    scene: broadcast.scene,
  };
}

/**
 * Makes sure that the channel's room is open and arranged for this broadcast.
 * @throws AppError 'livekit-unavailable'
 */
export async function openRoom(
  { mediaRoom }: Pick<BroadcastRooms, 'mediaRoom'>,
  broadcast: BroadcastRecord,
): Promise<void> {
  await mediaRoom.ensure(broadcast.channelId);
  await mediaRoom.setMetadata(broadcast.channelId, metadataOf(broadcast));
}
