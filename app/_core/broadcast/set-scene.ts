import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { Scene } from '#core/scene/scene';
import { AppError } from '#core/shared/app-error';
import { retryOnRace } from './change-broadcast.ts';
import { airsAnother } from './issue-host-token.ts';
import { metadataOf } from './open-room.ts';
import { requireOwnBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

/** The scene, unknown fields refused. `version`, if sent, is the one that was edited: an older one is a conflict. */
export const SetScene = z.strictObject(Scene.shape).extend({ version: z.int().min(0).optional() });

/** LiveKit's limit on room metadata is 512 KiB for all of it; a scene that large is a mistake. */
const MAX_SCENE_BYTES = 64 * 1024;

/**
 * Arranges the picture: kept with the broadcast, written into the room's metadata, where the compositor reads it.
 * @returns the scene with its new version
 * @throws AppError 'unauthenticated', 'not-found', 'wrong-state', 'conflict' with field `version`, 'livekit-unavailable'
 */
export async function setScene(
  rooms: Pick<BroadcastRooms, 'stores' | 'mediaRoom' | 'log'>,
  { actor, broadcastId, input }: { actor: Actor; broadcastId: string; input: z.infer<typeof SetScene> },
): Promise<Scene> {
  await requireOwnBroadcast(rooms, actor, broadcastId);
  if (JSON.stringify(input).length > MAX_SCENE_BYTES) {
    throw new AppError('too-large', { blame: 'owner', field: 'overlays', message: 'The scene is larger than 64 kB.' });
  }
  const changed = await retryOnRace(rooms, broadcastId, async (seen) => {
    if (seen.state === 'ended') {
      throw new AppError('wrong-state', {
        blame: 'owner',
        message: 'This broadcast is over; its scene stays as it was.',
      });
    }
    if (input.version !== undefined && input.version !== seen.scene.version) {
      throw new AppError('conflict', {
        blame: 'owner',
        retry: 'after-edit',
        field: 'version',
        message: `The scene was changed meanwhile: it is at version ${seen.scene.version}.`,
      });
    }
    const scene = { ...input, version: seen.scene.version + 1 };
    return rooms.stores.broadcasts.update(seen.id, { version: seen.version, from: [seen.state] }, { scene });
  });
  if (!changed) throw new AppError('conflict', { retry: 'now', message: 'The broadcast is being changed. Try again.' });
  if (!(await airsAnother(rooms, changed.channelId, changed.id))) {
    await rooms.mediaRoom.ensure(changed.channelId);
    await rooms.mediaRoom.setMetadata(changed.channelId, metadataOf(changed));
  }
  return changed.scene;
}
