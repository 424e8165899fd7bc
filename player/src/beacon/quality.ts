/** What the origin is told every 20 s; its fields are those of the origin's contract. Nothing about the person. */
export type QualityReport = {
  device: 'desktop' | 'phone' | 'tablet' | 'tv' | 'other';
  engine: 'hls.js' | 'native' | 'dash' | 'webrtc';
  startMs?: number;
  playedMs: number;
  stalledMs: number;
  stalls: number;
  latencyMs?: number;
  height?: number;
  rungsUp: number;
  rungsDown: number;
  droppedFrames?: number;
  errors: PlayError[];
};
export type PlayError = 'network' | 'media' | 'unsupported' | 'forbidden' | 'not-found' | 'other';

/** What is read at the moment of a report. */
export type Reading = Pick<QualityReport, 'device' | 'engine'> & {
  /** Distance to the live edge, s; null in the DVR window and in recordings. */
  behindS: number | null;
  /** Of the shown picture, px; 0 without one. */
  height: number;
  /** Since the element was made. */
  droppedFrames: number;
};

const MOST_ERRORS = 8;
const LONGEST_MS = 3_600_000;
const span = (ms: number) => Math.min(LONGEST_MS, Math.max(0, Math.round(ms)));

/**
 * Adds up how playback went between two reports: plain sums over the moments it is told of.
 * Times are of any clock that only goes on, ms.
 */
export class QualityMeter {
  #since: number | null = null;
  #state: 'starting' | 'playing' | 'stalled' | 'idle' = 'idle';
  #startedAt: number | null = null;
  #startMs: number | undefined;
  #height = 0;
  #droppedBefore = 0;
  #sums = { playedMs: 0, stalledMs: 0, stalls: 0, rungsUp: 0, rungsDown: 0 };
  #errors: PlayError[] = [];

  /** The viewer (or autoplay) wants it to play. */
  wanted(now: number): void {
    if (this.#state !== 'idle' || this.#startedAt !== null) return;
    this.#startedAt = now;
    this.#enter('starting', now);
  }

  /** Pictures move. */
  playing(now: number): void {
    if (this.#startedAt !== null && this.#startMs === undefined && this.#state === 'starting') {
      this.#startMs = span(now - this.#startedAt);
    }
    this.#enter('playing', now);
  }

  /** Playback stopped for want of media. Waiting for the first picture is no stall, nor is a seek (the caller leaves those out). */
  stalled(now: number): void {
    if (this.#state !== 'playing') return;
    this.#sums.stalls++;
    this.#enter('stalled', now);
  }

  /** Paused, ended or given up. */
  idle(now: number): void {
    this.#enter('idle', now);
  }

  failed(error: PlayError): void {
    if (this.#errors.length < MOST_ERRORS) this.#errors.push(error);
  }

  /** The height of the picture that is shown, px. */
  shows(height: number): void {
    if (height > 0 && this.#height > 0 && height !== this.#height) {
      if (height > this.#height) this.#sums.rungsUp++;
      else this.#sums.rungsDown++;
    }
    if (height > 0) this.#height = height;
  }

  #enter(state: 'starting' | 'playing' | 'stalled' | 'idle', now: number): void {
    this.#settle(now);
    this.#state = state;
  }

  #settle(now: number): void {
    const spent = this.#since === null ? 0 : Math.max(0, now - this.#since);
    if (this.#state === 'playing') this.#sums.playedMs += spent;
    if (this.#state === 'stalled') this.#sums.stalledMs += spent;
    this.#since = now;
  }

  /** What there is to tell since the last time, and begins anew; null when nothing happened. */
  take(now: number, reading: Reading): QualityReport | null {
    this.#settle(now);
    this.shows(reading.height);
    const { playedMs, stalledMs, ...counts } = this.#sums;
    const hasNews = playedMs > 0 || stalledMs > 0 || this.#errors.length > 0 || this.#startMs !== undefined;
    if (!hasNews) return null;
    const report: QualityReport = {
      device: reading.device,
      engine: reading.engine,
      ...(this.#startMs === undefined ? {} : { startMs: this.#startMs }),
      playedMs: span(playedMs),
      stalledMs: span(stalledMs),
      ...counts,
      ...(reading.behindS === null ? {} : { latencyMs: span(reading.behindS * 1000) }),
      ...(this.#height > 0 ? { height: this.#height } : {}),
      droppedFrames: Math.max(0, reading.droppedFrames - this.#droppedBefore),
      errors: this.#errors,
    };
    this.#droppedBefore = reading.droppedFrames;
    // The start is told once.
    if (this.#startMs !== undefined) this.#startMs = undefined;
    this.#sums = { playedMs: 0, stalledMs: 0, stalls: 0, rungsUp: 0, rungsDown: 0 };
    this.#errors = [];
    return report;
  }
}

/** As coarse as it gets: from the width of the screen and what points at it. */
export function deviceOf(at: { touch: boolean; shortSidePx: number; userAgent: string }): QualityReport['device'] {
  if (/\b(TV|SmartTV|BRAVIA|Tizen|Web0S|AFT[A-Z])\b/i.test(at.userAgent)) return 'tv';
  if (!at.touch) return 'desktop';
  return at.shortSidePx < 600 ? 'phone' : 'tablet';
}
