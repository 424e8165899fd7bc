import type { Logger } from 'pino';
import type { RoomMetadata } from '#core/scene/scene';
import type { EgressPlan } from '../../../plan.ts';
import type { OpenScaler } from './seat-picture.ts';
import { Seats } from './seats.ts';

/** Bits a second in a seat, at most: sharp at 720p, and small enough for many viewers on one SFU. */
const MOST_KBPS = 3_000;

/** The seats' sink of an egress that makes a show for viewers; null for any other egress of the room. */
export function openSeats(
  plan: EgressPlan,
  { log, ...parts }: { askRoom(wanted: boolean): void; openScaler: OpenScaler; log: Logger },
): Seats | null {
  if (plan.source.kind !== 'room' || !plan.segments?.playbackId) return null;
  const { program, livekit } = plan;
  const top = Math.max(...program.ladder.map(({ bitrateKbps }) => bitrateKbps));
  return new Seats({
    livekit,
    program: { ...program, bitrateKbps: Math.min(top, MOST_KBPS) },
    has: { picture: !plan.audioOnly, sound: !plan.videoOnly },
    ...parts,
    log,
  });
}

/** The seats' room that the metadata asks for, when it speaks of this egress's show: two egresses of a room would put each other out. */
export function seatRoomOf(plan: EgressPlan, metadata: RoomMetadata): string | null {
  if (metadata.playbackId && metadata.playbackId !== plan.segments?.playbackId) return null;
  return metadata.seats?.room ?? null;
}
