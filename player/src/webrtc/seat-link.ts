import type { SeatProblem } from '../core/seat.ts';

/** Why a link that was good has ended. */
export type LinkEnd = Extract<SeatProblem, 'lost' | 'takenBack' | 'noPicture'>;

/** The program as it comes over WebRTC. */
export type SeatLink = {
  readonly stream: MediaStream;
  /** Resolves once, when nothing comes any more; not after `close`. */
  readonly gone: Promise<LinkEnd>;
  /** As measured last; null where it is not known. */
  readonly facts: SeatFacts;
  /** Idempotent. */
  close(): void;
};

export type SeatFacts = { bitrateKbps: number | null; fps: number | null; codecs: string | null };

/** What the server gives with a seat. */
export type SeatTicket = { seat: string; livekitUrl: string; token: string; renewAfterS: number };

/** A seat that could not be used, and why. */
export class SeatError extends Error {
  readonly problem: SeatProblem;
  constructor(problem: SeatProblem) {
    super(problem);
    this.name = 'SeatError';
    this.problem = problem;
  }
}
