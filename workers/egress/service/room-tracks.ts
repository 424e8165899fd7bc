import { TrackSource, TrackType } from '@livekit/protocol';
import { RoomServiceClient } from 'livekit-server-sdk';
import { RpcError } from '#bus/rpc-error';
import type { EgressConfig } from '../config.ts';
import { inTime } from '../in-time.ts';
import type { TrackFacts } from './requests.ts';

/** A start is answered within 2 s. */
const TIMEOUT_MS = 1_000;

/** Reads a room's tracks through LiveKit's API; a room that does not exist has none. @throws RpcError `unavailable` */
export function roomTracksReader(livekit: EgressConfig['livekit']) {
  const host = livekit.url.replace(/^ws/, 'http');
  const rooms = new RoomServiceClient(host, livekit.apiKey, livekit.apiSecret);

  return async (roomName: string): Promise<TrackFacts[]> => {
    try {
      const people = await inTime(rooms.listParticipants(roomName), TIMEOUT_MS, 'no answer');
      return people.flatMap(({ identity, tracks }) =>
        tracks
          .filter(({ type }) => type !== TrackType.DATA)
          .map(({ sid, type, source }) => ({
            id: sid,
            kind: type === TrackType.AUDIO ? ('audio' as const) : ('video' as const),
            source: TrackSource[source].toLowerCase(),
            identity,
          })),
      );
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'not_found') return [];
      throw new RpcError('unavailable', "the room's tracks could not be looked up in LiveKit");
    }
  };
}
