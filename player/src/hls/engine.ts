import type { Quality } from '../core/phase.ts';
import type { EngineFailure } from '../core/recovery.ts';

/** What the player needs of whatever decides what to load: hls.js, or the browser itself. */
export type Engine = {
  readonly name: 'hls.js' | 'native' | 'webrtc';
  /** Media time of the newest known picture, seconds; null while unknown or when the show is over. */
  liveEdgeS(): number | null;
  /**
   * How far behind the edge a show without parts asks to sit, seconds: nearer than that there is nothing to load. 0 = it has parts, or
   * nothing is known, and core/latency.ts decides.
   */
  holdBackS(): number;
  /** The host's chosen latency as a margin over what is needed, seconds: never nearer. 0 = none was chosen. */
  floorS(): number;
  /** `auto` or the id of a quality. */
  setQuality(id: string): void;
  /** Automatic quality goes no higher than this one; null lifts it. */
  setCap(id: string | null): void;
  /** Playlist of the sound alone; null when the show has none of its own. */
  audioUrl(): string | null;
  /** Wall clock of the picture on the screen by PROGRAM-DATE-TIME, ms since 1970; null when the list has none. */
  dateMs(): number | null;
  /** Media time of a wall clock, seconds; null when unknown. */
  timeOfDateS(dateMs: number): number | null;
  /** Seconds of the show at media time 0: a list that begins in mid-show begins at 0 all the same. Null when unknown. */
  showOffsetS(): number | null;
  facts(): EngineFacts;
  mendDecoder(): void;
  /** Idempotent. */
  destroy(): void;
};

/** For the stats panel; null where the engine does not know. */
export type EngineFacts = {
  bitrateKbps: number | null;
  bandwidthKbps: number | null;
  codecs: string | null;
  fps: number | null;
  /** Length of what comes at once, seconds. */
  partS: number | null;
};

export type EngineEvents = {
  /** Media has reached the buffer. */
  onArrival(): void;
  /** A quality is on the screen. */
  onPlaying(id: string): void;
  onQualities(qualities: Quality[]): void;
  /** The playlist says whether the show is on air. */
  onLive(live: boolean): void;
  /** Only what the engine could not mend by itself. */
  onFailure(failure: EngineFailure): void;
};
