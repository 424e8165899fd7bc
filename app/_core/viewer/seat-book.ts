/**
 * A seat: the right of one viewer to get the program over WebRTC, for as long as they renew it. Seats are few, so they are counted over the
 * whole install, and who needs one more than another gets it first.
 */

/** Who gives way to whom: a later one puts out an earlier one when every seat is taken. */
export const SEAT_RANKS = ['viewer', 'moderator', 'guest', 'host'] as const;
export type SeatRank = (typeof SEAT_RANKS)[number];

export type Seat = {
  /** Also the viewer's identity in LiveKit. */
  id: string;
  broadcastId: string;
  rank: SeatRank;
  /** As the playback grant names them, so that who is sent away loses the seat too; null without one. */
  viewer: string | null;
};

/** A seat whose player says nothing for so long is free again. */
export const SEAT_LEASE_MS = 45_000;
/** Players renew this often: two tries may be lost. */
export const SEAT_RENEW_MS = 15_000;
/** The program stays in the seats' room for so long after the last seat was given up: viewers come and go. */
export const SEATS_LINGER_MS = 30_000;

export type SeatTaken =
  /** first: nobody had one of this broadcast's lately · displaced: who had to give way */
  { taken: true; first: boolean; displaced: Seat | null } | { taken: false };

/**
 * Port: the seats that are taken. All of it lives as long as Redis does: seats that are forgotten with it are asked for anew.
 * Throws AppError 'unavailable' when it cannot be asked.
 */
export type SeatBook = {
  /**
   * Takes a seat while fewer than `budget` are taken on the whole install. Otherwise the lowest rank gives way to a higher one, of equals who
   * came last.
   */
  take(seat: Seat, budget: number): Promise<SeatTaken>;
  /** @returns the seat with a new lease; null when it is not (any longer) taken */
  renew(broadcastId: string, id: string): Promise<Seat | null>;
  /** @returns the seat that was given up; null when it was not taken */
  leave(broadcastId: string, id: string): Promise<Seat | null>;
  list(broadcastId: string): Promise<Seat[]>;
  /** Whether somebody has a seat of this broadcast, or had one within `SEATS_LINGER_MS`. */
  isWanted(broadcastId: string): Promise<boolean>;
};

/** Name of the LiveKit room that the program is published into. */
export const seatRoomName = (broadcastId: string): string => `seat_${broadcastId}`;
/** The engine's own identity in there. */
export const PROGRAM_IDENTITY = 'program';
