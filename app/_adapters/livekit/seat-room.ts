import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import type { SeatRoom } from '#core/egress/seat-room';
import { isGone, type LiveKitSettings, livekitError } from './livekit-error.ts';

/** Seats last as long as the program is in them; the engine makes its rooms with the same limits. */
const EMPTY_S = 300;
const REQUEST_TIMEOUT_S = 5;

/** Seats' rooms in LiveKit. */
export function livekitSeatRoom({ url, apiKey, apiSecret }: LiveKitSettings): SeatRoom {
  const rooms = new RoomServiceClient(url, apiKey, apiSecret, { requestTimeout: REQUEST_TIMEOUT_S, failover: false });
  return {
    async ensure(name) {
      try {
        await rooms.createRoom({ name, emptyTimeout: EMPTY_S, departureTimeout: EMPTY_S });
      } catch (error) {
        throw livekitError(error, 'make seats');
      }
    },
    async token({ roomName, identity, lifeS }) {
      const token = new AccessToken(apiKey, apiSecret, { identity, ttl: lifeS });
      // Everything is said: with no publish or subscribe flag set LiveKit allows all. Hidden, so that nobody is told of every viewer.
      token.addGrant({
        roomJoin: true,
        room: roomName,
        hidden: true,
        canSubscribe: true,
        canPublish: false,
        canPublishData: false,
        canUpdateOwnMetadata: false,
      });
      return token.toJwt();
    },
    async remove(roomName, identity) {
      try {
        await rooms.removeParticipant(roomName, identity);
      } catch (error) {
        if (!isGone(error)) throw livekitError(error, 'take a seat back');
      }
    },
    async identities(roomName) {
      try {
        return (await rooms.listParticipants(roomName)).map(({ identity }) => identity);
      } catch (error) {
        if (isGone(error)) return [];
        throw livekitError(error, 'look into seats');
      }
    },
  };
}
