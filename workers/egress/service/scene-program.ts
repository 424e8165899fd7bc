import { RoomServiceClient } from 'livekit-server-sdk';
import type { ServiceLog } from '#bus/service-log';
import { type Program, parseRoomMetadata } from '#core/scene/scene';
import type { EgressConfig } from '../config.ts';
import { inTime } from '../in-time.ts';

/** A start is answered within 2 s: without the metadata by then, the request's own encoding counts. */
const TIMEOUT_MS = 600;

/** Reads the scene's `program` (size, frame rate, ladder, latency) from a room's metadata through LiveKit's API. */
export function sceneProgramReader(livekit: EgressConfig['livekit'], log: ServiceLog) {
  const host = livekit.url.replace(/^ws/, 'http');
  const rooms = new RoomServiceClient(host, livekit.apiKey, livekit.apiSecret);

  return async (roomName: string): Promise<Program | null> => {
    try {
      const [room] = await inTime(rooms.listRooms([roomName]), TIMEOUT_MS, 'no answer');
      return parseRoomMetadata(room?.metadata)?.program ?? null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ roomName, reason }, "the scene's program could not be read, the request's encoding is used");
      return null;
    }
  };
}
