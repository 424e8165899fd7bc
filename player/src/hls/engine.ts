import type { Quality } from '../core/phase.ts';
import type { EngineFailure } from '../core/recovery.ts';

/** What the player needs of whatever decides what to load: hls.js, or the browser itself. */
export type Engine = {
  readonly name: 'hls.js' | 'native';
  /** Media time of the newest known picture, seconds; null while unknown or when the show is over. */
  liveEdgeS(): number | null;
  /**
   * How far behind the edge a show without parts asks to sit, seconds: nearer than that there is nothing to load. 0 = it has parts, or
   * nothing is known, and core/catch-up.ts decides.
   */
  holdBackS(): number;
  /** `auto` or the id of a quality. */
  setQuality(id: string): void;
  mendDecoder(): void;
  /** Idempotent. */
  destroy(): void;
};

export type EngineEvents = {
  onQualities(qualities: Quality[]): void;
  /** The playlist says whether the show is on air. */
  onLive(live: boolean): void;
  /** Only what the engine could not mend by itself. */
  onFailure(failure: EngineFailure): void;
};
