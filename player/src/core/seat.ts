/**
 * A seat: the program over WebRTC, for a viewer who asked for the lowest delay. Seats are few and may be taken back at any time; the show then
 * goes on over HLS, and a seat is asked for again after a while.
 */

/** Why there is no seat just now. */
export type SeatProblem =
  /** Every one is taken. */
  | 'full'
  /** WebRTC does not come through this network, or LiveKit is away. */
  | 'unreachable'
  /** The room is there, the program is not: the engine has no room for it, or is on its way. */
  | 'noPicture'
  /** Somebody needed it more, or the right to watch has ended. */
  | 'takenBack'
  /** The connection went in the middle of the show. */
  | 'lost'
  /** The server does not give one here: not on air, not allowed, none at all. */
  | 'refused';

export type SeatStatus = {
  /** The viewer asked for it. */
  wanted: boolean;
  state: 'off' | 'asking' | 'on' | 'away';
  problem: SeatProblem | null;
};

const SECONDS: Record<Exclude<SeatProblem, 'refused'>, readonly number[]> = {
  full: [30],
  unreachable: [10, 30, 60, 120],
  noPicture: [5, 15, 30, 60],
  takenBack: [60],
  lost: [2, 5, 15, 30, 60],
};

/** Milliseconds until a seat is asked for again after `tries` that came to nothing in a row; null = not by itself. */
export function seatRetryMs(problem: SeatProblem, tries: number): number | null {
  if (problem === 'refused') return null;
  const waits = SECONDS[problem];
  return (waits[Math.min(tries, waits.length - 1)] ?? 60) * 1000;
}
