import { AccessToken, RoomServiceClient, TrackSource } from 'livekit-server-sdk';
import type { MediaRoom } from '#core/egress/media-room';
import { parseRoomMetadata } from '#core/scene/scene';
import { isGone, type LiveKitSettings, livekitError } from './livekit-error.ts';

/** A room outlives pauses: LiveKit's default of 20 s would end it, and the egress, with every dropped connection (N-9). */
const ROOM_TIMEOUT_S = 3600;
const REQUEST_TIMEOUT_S = 5;

/** Channels' rooms in LiveKit. */
export function livekitMediaRoom({ url, apiKey, apiSecret }: LiveKitSettings): MediaRoom {
  const rooms = new RoomServiceClient(url, apiKey, apiSecret, { requestTimeout: REQUEST_TIMEOUT_S, failover: false });
  const asked = async <T>(doing: string, call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw livekitError(error, doing);
    }
  };
  return {
    async ensure(channelId) {
      await asked(
        'make room',
        rooms.createRoom({ name: channelId, emptyTimeout: ROOM_TIMEOUT_S, departureTimeout: ROOM_TIMEOUT_S }),
      );
    },
    async setMetadata(channelId, metadata) {
      await asked('write scene', rooms.updateRoomMetadata(channelId, JSON.stringify(metadata)));
    },
    async token({ channelId, identity, name, canPublish, lifeS }) {
      const token = new AccessToken(apiKey, apiSecret, { identity, name, ttl: lifeS });
      // Everything is said: with no publish or subscribe flag set LiveKit allows all.
      token.addGrant({
        roomJoin: true,
        room: channelId,
        canSubscribe: true,
        canPublish,
        canPublishData: canPublish,
        canUpdateOwnMetadata: false,
        ...(canPublish
          ? {
              canPublishSources: [
                TrackSource.CAMERA,
                TrackSource.MICROPHONE,
                TrackSource.SCREEN_SHARE,
                TrackSource.SCREEN_SHARE_AUDIO,
              ],
            }
          : {}),
      });
      return token.toJwt();
    },
    async removeParticipant(channelId, identity) {
      try {
        await rooms.removeParticipant(channelId, identity);
      } catch (error) {
        if (!isGone(error)) throw livekitError(error, 'remove participant');
      }
    },
    async find(channelIds) {
      if (channelIds.length === 0) return [];
      const found = await asked('list rooms', rooms.listRooms([...channelIds]));
      return found.map((room) => ({
        channelId: room.name,
        publishers: room.numPublishers,
        seats: parseRoomMetadata(room.metadata)?.seats?.room ?? null,
      }));
    },
  };
}
