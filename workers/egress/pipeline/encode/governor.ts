/** One second of the engine, measured. */
export type Measured = {
  /** Share of ticks that were late or left out, 0 to 1. */
  lateShare: number;
  /** Share of the second in which a picture was being made, wall clock, 0 to 1. */
  busyShare: number;
  /** Idle cores of the machine; null = not known. */
  idleCores: number | null;
  /** Largest first; `costMs` = time a second of encoding, last measured. */
  rungs: { id: string; height: number; on: boolean; failed: boolean; costMs: number }[];
  halfRate: boolean;
};

export type Change = { what: 'rung'; id: string; on: boolean } | { what: 'half-rate'; on: boolean };

const LATE = 0.06;
const LATE_SECONDS = 3;
const WINDOW = 5;
/** Below this share of late ticks, over the window, an uneven picture shows more than an even one of half the rate. */
const LATE_FOR_HALF = 0.3;
/** Mean over the last half minute: one late tick now and then is no shortage. */
const CALM_LATE = 0.01;
const MOST_BUSY = 0.75;
/** Seconds after a change that say nothing: it takes effect at a border. */
const SETTLE = 4;
/** The first seconds of an egress say nothing either: code is compiled, sources come, viewers open their pages. */
const WARM_UP = 10;
const PATIENCE = 30;
const MOST_PATIENCE = 600;

/**
 * Decides what the engine does less of when the machine is short of CPU, and when it does it again. Fed once a second; no clock, no
 * I/O. First rungs go, the one that is missed least before the others and the largest never; then half the frame rate, when a third of the
 * ticks is late. Everything comes back in the other order, one at a time, after half a minute of calm; what had to be taken away again
 * waits twice as long.
 */
export class Governor {
  #lateShares: number[] = [];
  #settle = WARM_UP;
  #calm = 0;
  #calmShares: number[] = [];
  #patience = PATIENCE;
  #sinceRestore = Number.POSITIVE_INFINITY;

  decide(now: Measured): Change | null {
    this.#sinceRestore++;
    if (this.#settle > 0) {
      this.#settle--;
      return null;
    }
    this.#lateShares = [...this.#lateShares, now.lateShare].slice(-WINDOW);
    const late = this.#lateShares.filter((share) => share > LATE).length >= LATE_SECONDS;
    const change = late ? this.#less(now) : this.#more(now);
    if (!change) return null;
    this.#lateShares = [];
    this.#calm = 0;
    this.#calmShares = [];
    this.#settle = SETTLE;
    return change;
  }

  #less(now: Measured): Change | null {
    const victim = leastMissed(now.rungs.filter(({ on }) => on));
    if (!victim && (now.halfRate || mean(this.#lateShares) < LATE_FOR_HALF)) {
      this.#calm = 0;
      this.#calmShares = [];
      return null;
    }
    if (this.#sinceRestore < PATIENCE * 2) this.#patience = Math.min(MOST_PATIENCE, this.#patience * 2);
    this.#sinceRestore = Number.POSITIVE_INFINITY;
    return victim ? { what: 'rung', id: victim, on: false } : { what: 'half-rate', on: true };
  }

  #more(now: Measured): Change | null {
    const bad = now.lateShare > LATE;
    this.#calm = bad ? 0 : this.#calm + 1;
    this.#calmShares = bad ? [] : [...this.#calmShares, now.lateShare].slice(-PATIENCE);
    if (this.#calm < this.#patience || mean(this.#calmShares) > CALM_LATE) return null;
    // Ten good minutes with everything on: what was before is forgotten.
    const whole = !now.halfRate && now.rungs.every(({ on, failed }) => on || failed);
    if (whole && this.#calm >= MOST_PATIENCE) this.#patience = PATIENCE;
    const change = this.#restorable(now);
    if (change) this.#sinceRestore = 0;
    return change;
  }

  #restorable(now: Measured): Change | null {
    const fits = (ms: number) =>
      now.busyShare + ms / 1000 < MOST_BUSY && (now.idleCores === null || now.idleCores > (ms / 1000) * 1.2);
    if (now.halfRate) return fits(now.busyShare * 1000) ? { what: 'half-rate', on: false } : null;
    const off = now.rungs.filter(({ on, failed }) => !on && !failed).reverse();
    const back = mostMissed(
      now.rungs.filter(({ on }) => on),
      off,
    );
    return back && fits(back.costMs) ? { what: 'rung', id: back.id, on: true } : null;
  }
}

const mean = (shares: readonly number[]) => shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);

type Height = { id: string; height: number };

/**
 * The rung whose viewers find the nearest thing in its neighbours: by the step that would open between the rungs above and below it. The
 * smallest rung counts as far from nothing: those on it have no other.
 */
function leastMissed(on: readonly Height[]): string | null {
  const middle = on.slice(1, -1);
  const gap = (index: number) => (on[index - 1]?.height ?? 0) / (on[index + 1]?.height ?? 1);
  const first = middle.map((rung, index) => ({ id: rung.id, gap: gap(index + 1) })).sort((a, b) => a.gap - b.gap)[0];
  return first?.id ?? (on.length > 1 ? (on.at(-1)?.id ?? null) : null);
}

/** The other order: the smallest first, then what closes the widest step. */
function mostMissed<Rung extends Height>(on: readonly Height[], off: readonly Rung[]): Rung | null {
  const smallest = Math.min(...on.map(({ height }) => height));
  const [below] = off;
  if (below && below.height < smallest) return below;
  const step = (rung: Height) => {
    const above = Math.min(...on.filter(({ height }) => height > rung.height).map(({ height }) => height));
    const under = Math.max(...on.filter(({ height }) => height < rung.height).map(({ height }) => height));
    return above / under;
  };
  return [...off].sort((a, b) => step(b) - step(a))[0] ?? null;
}
