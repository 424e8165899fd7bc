import { AccessToken, RoomServiceClient, ServerError } from 'livekit-server-sdk';
import type { IngestTarget } from '../service/ports.ts';

/** Long enough to connect; a later reconnect gets its own. */
const TOKEN_TTL = '2m';

/** The part of LiveKit's API that the ingest worker needs, in its words. */
export type RoomService = {
  /** livekit-server, `ws:` or `wss:`, and its own WHIP endpoint. */
  serverUrl: string;
  whipUrl: string;
  /** A right to publish as this ingest's participant, and nothing else; the room is there then. Never leaves our processes. */
  makeJoinToken(target: IngestTarget): Promise<string>;
  /** @returns null when the participant is not in the room @throws when LiveKit does not answer */
  getPresence(target: IngestTarget): Promise<Presence | null>;
  /** @returns SID of the room, null when it does not exist */
  getRoomId(roomName: string): Promise<string | null>;
};

export type Presence = {
  sid: string;
  tracks: { kind: 'audio' | 'video' | 'other'; mimeType: string; width: number; height: number }[];
};

const KINDS: Record<number, 'audio' | 'video'> = { 0: 'audio', 1: 'video' };

export function connectRoomService(options: { url: string; apiKey: string; apiSecret: string }): RoomService {
  const client = new RoomServiceClient(options.url, options.apiKey, options.apiSecret, { requestTimeout: 5 });
  const serverUrl = options.url.replace(/^http/, 'ws').replace(/\/$/, '');
  return {
    serverUrl,
    whipUrl: `${serverUrl.replace(/^ws/, 'http')}/whip/v1`,
    async makeJoinToken(target) {
      // A token alone makes no room (`auto_create` in livekit.yaml), and an encoder may come before the show.
      await client.createRoom({ name: target.roomName });
      const token = new AccessToken(options.apiKey, options.apiSecret, {
        identity: target.identity,
        name: target.name,
        ttl: TOKEN_TTL,
        ...(target.metadata && { metadata: target.metadata }),
      });
      token.kind = 'ingress';
      token.addGrant({
        roomJoin: true,
        room: target.roomName,
        canPublish: true,
        canSubscribe: false,
        canPublishData: false,
      });
      return token.toJwt();
    },
    async getPresence(target) {
      try {
        const seen = await client.getParticipant(target.roomName, target.identity);
        return {
          sid: seen.sid,
          tracks: seen.tracks.map((track) => ({
            kind: KINDS[track.type] ?? 'other',
            mimeType: track.mimeType,
            width: track.width,
            height: track.height,
          })),
        };
      } catch (error) {
        if (error instanceof ServerError && error.code === 'not_found') return null;
        throw error;
      }
    },
    async getRoomId(roomName) {
      const [room] = await client.listRooms([roomName]);
      return room?.sid ?? null;
    },
  };
}
