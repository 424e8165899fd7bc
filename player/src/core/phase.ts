import type { SeatStatus } from './seat.ts';

/** What the person sees; each has a picture and words of its own. */
export type Phase =
  /** Finding out whether there is something to play. */
  | 'loading'
  /** The broadcast has not begun; playback starts by itself when it does. */
  | 'waiting'
  | 'playing'
  | 'paused'
  /** Out of data; goes on by itself. */
  | 'stalled'
  /** The network or the origin is away; trying again. */
  | 'reconnecting'
  /** Played to the end of the show or of its recording. */
  | 'ended'
  /** Nothing more will be tried without the person. */
  | 'failed';

/** Answer of the origin's `…/state`. */
export type ShowState = 'waiting' | 'live' | 'ended' | 'unknown';

export type Quality = {
  /** `auto`, or the engine's index of the rendition as text. */
  id: string;
  /** Lines of the picture; 0 for `auto`. */
  height: number;
  bitrateKbps: number;
};

export type PlayerStatus = {
  phase: Phase;
  /** True while the show is on air, false for a recording. */
  live: boolean;
  /** Playing at the live edge, as opposed to back in the DVR window. */
  following: boolean;
  /** Seconds behind the newest part; null when not live or not known. */
  behindS: number | null;
  muted: boolean;
  volume: number;
  /** Stalls since playback began. */
  stalls: number;
  qualities: Quality[];
  /** What was chosen: `auto` or the id of a quality. */
  quality: string;
  /** What is on the screen, or null before the first picture. */
  playingQuality: string | null;
  /** Automatic quality keeps to what spares a data plan. */
  saver: boolean;
  /** Only the sound is fetched. */
  audioOnly: boolean;
  /** True where the show's sound can be had alone. */
  hasAudioOnly: boolean;
  /** On air, but without the host: viewers see the slate. */
  hostAway: boolean;
  /** The show's title and planned start (ISO 8601), as the origin says; null when unknown. */
  title: string | null;
  startsAt: string | null;
  /** The lowest delay, over WebRTC; null where the page offers none. */
  seat: SeatStatus | null;
  /** Why it is reconnecting or failed, in a person's words. */
  problem: { code: string; sentence: string } | null;
};

/** Before anything is known. */
export const FIRST_STATUS: PlayerStatus = {
  phase: 'loading',
  live: false,
  following: true,
  behindS: null,
  muted: false,
  volume: 1,
  stalls: 0,
  qualities: [],
  quality: 'auto',
  playingQuality: null,
  saver: false,
  audioOnly: false,
  hasAudioOnly: false,
  hostAway: false,
  title: null,
  startsAt: null,
  seat: null,
  problem: null,
};

/** A quality of more lines than this is not chosen by itself while data is spared. */
const SAVER_LINES = 480;

/** The best quality that spares a data plan: the largest of at most 480 lines, else the smallest there is; null without a choice. */
export function saverQuality(qualities: readonly Quality[]): Quality | null {
  const bySize = [...qualities].sort((a, b) => a.bitrateKbps - b.bitrateKbps);
  return bySize.filter(({ height }) => height > 0 && height <= SAVER_LINES).at(-1) ?? bySize[0] ?? null;
}

/** Milliseconds until the origin is asked again whether a show has begun: short at first, never idle for long. */
export function waitDelayMs(attempt: number): number {
  return Math.min(1_000 + Math.max(0, attempt - 30) * 100, 5_000);
}

/** Milliseconds before the nth try to come back after a failure: 0.5, 1, 2, 4, then every 5 s. */
export function retryDelayMs(attempt: number): number {
  return Math.min(500 * 2 ** attempt, 5_000);
}
