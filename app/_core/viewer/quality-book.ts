import type { QualityTally } from './quality-tally.ts';

/**
 * Port: how the audience of a show fared, by minute. Any number of origins add to it; kept for 30 days after the last report. Throws AppError
 * 'unavailable' when it cannot be reached.
 */
export type QualityBook = {
  /** @param minute whole minutes since 1970 */
  add(playbackId: string, minute: number, tally: QualityTally): Promise<void>;
  /** In order of time; empty when nobody reported. */
  read(playbackId: string): Promise<{ minute: number; tally: QualityTally }[]>;
};

export const QUALITY_KEEP_S = 30 * 86_400;
