import type { Clock } from '#core/shared/clock';
import type { Audience } from '#core/viewer/audience';
import type { QualityBook } from '#core/viewer/quality-book';
import { isInSample, type QualityReport } from '#core/viewer/quality-report';
import { addTally, type QualityTally, tallyOf } from '#core/viewer/quality-tally';
import type { QualityMetrics } from './quality-metrics.ts';

const FLUSH_MS = 5000;
const MINUTE_MS = 60_000;
/** Shows and minutes that are held while the book cannot be reached; older ones are lost, viewers are never held up. */
const MOST_HELD = 5000;

/** How long the size of an audience is taken as known. */
const COUNT_MS = 5000;

type Held = { playbackId: string; minute: number; tally: QualityTally };

/** Gathers the reports of all viewers at this origin and writes their sums every few seconds. */
export class QualityDesk {
  #held = new Map<string, Held>();
  readonly #counts = new Map<string, { count: number; at: number }>();
  readonly #timer: NodeJS.Timeout;
  #flushing: Promise<void> | null = null;

  constructor(
    private readonly parts: {
      audience: Pick<Audience, 'count'>;
      book: QualityBook;
      clock: Clock;
      metrics: QualityMetrics;
      onTrouble(error: unknown): void;
    },
    flushMs = FLUSH_MS,
  ) {
    this.#timer = setInterval(() => void this.flush(), flushMs);
    this.#timer.unref();
  }

  /** Whether this session is one of those that are asked to report. Never throws: without an answer nobody is asked. */
  async wants(playbackId: string, session: string): Promise<boolean> {
    const known = this.#counts.get(playbackId);
    if (known && performance.now() - known.at < COUNT_MS) return isInSample(session, known.count);
    try {
      const count = await this.parts.audience.count(playbackId);
      if (this.#counts.size >= MOST_HELD) this.#counts.clear();
      this.#counts.set(playbackId, { count, at: performance.now() });
      return isInSample(session, count);
    } catch {
      return false;
    }
  }

  /** Takes a report; those of sessions that were not asked are left out, so that a crowd does not weigh more than it should. */
  take(playbackId: string, session: string, report: QualityReport): void {
    if (!isInSample(session, this.#counts.get(playbackId)?.count ?? 0)) return;
    this.parts.metrics.take(report);
    const minute = Math.floor(this.parts.clock.now().getTime() / MINUTE_MS);
    this.#hold({ playbackId, minute, tally: tallyOf(report) });
  }

  #hold({ playbackId, minute, tally }: Held): void {
    const key = `${playbackId}|${minute}`;
    const held = this.#held.get(key) ?? { playbackId, minute, tally: {} };
    this.#held.set(key, held);
    addTally(held.tally, tally);
    if (this.#held.size <= MOST_HELD) return;
    const oldest = this.#held.keys().next().value;
    if (oldest !== undefined) this.#held.delete(oldest);
  }

  /** Writes what is held; what cannot be written is held on. */
  async flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  async #write(): Promise<void> {
    const taken = [...this.#held.values()];
    this.#held = new Map();
    for (const [at, held] of taken.entries()) {
      try {
        await this.parts.book.add(held.playbackId, held.minute, held.tally);
      } catch (error) {
        this.parts.onTrouble(error);
        for (const left of taken.slice(at)) this.#hold(left);
        return;
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
