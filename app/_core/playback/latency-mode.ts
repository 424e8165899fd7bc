import type { Latency } from '#core/scene/scene';

/** How a show is cut for one latency mode. */
export type LatencyMode = {
  /**
   * Length of what the engine hands on at once, ms: a part. In a mode that lists no parts these are only the steps in which a
   * segment reaches the live feed, so that a crash still costs no more than one of them.
   */
  partMs: number;
  /** False: playlists name whole segments only, are asked for plainly, and caches may keep them for longer. */
  listsParts: boolean;
  /** Segment length in whole seconds. */
  segmentS: number;
};

/**
 * - `ultra`: parts of 0.1 s, about 0.3 s closer than `low` at twice its requests.
 * - `low`: parts of 0.2 s in segments of 1 s.
 * - `standard`: segments of 4 s without parts, for audiences behind a cache: one list every 2 s, whoever asks.
 */
export const LATENCY_MODES: Record<Latency, LatencyMode> = {
  ultra: { partMs: 100, listsParts: true, segmentS: 1 },
  low: { partMs: 200, listsParts: true, segmentS: 1 },
  standard: { partMs: 1000, listsParts: false, segmentS: 4 },
};
