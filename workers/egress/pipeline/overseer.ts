import { cpus } from 'node:os';
import type { Logger } from 'pino';
import type { PipelineFacts } from '../plan.ts';
import { Governor, type Measured } from './encode/governor.ts';
import type { Ladder } from './encode/ladder.ts';
import { rungCosts } from './encode/rung-cost.ts';

const EVERY_MS = 1000;
const HALF_RATE = 'The machine is short of CPU: every second picture is left out until there is room again.';

export type OverseerInput = {
  /** Null for sound alone: then only facts are told. */
  ladder: Ladder | null;
  /** Ticks run and late so far, as the clock counts them. */
  pulse(): { ticks: number; lateTicks: number };
  /** Once a second: the rungs, and what an operator should know of them. */
  tell(rungs: PipelineFacts['rungs'], notes: string[]): void;
  log: Logger;
};

/** Looks at the engine once a second: measures, lets the governor decide, carries it out, tells the facts. */
export class Overseer {
  readonly #input: OverseerInput;
  readonly #governor = new Governor();
  readonly #timer: NodeJS.Timeout;
  #halfRate = false;
  #busyMs = 0;
  #seen: { atMs: number; ticks: number; lateTicks: number; idleMs: number };

  constructor(input: OverseerInput) {
    this.#input = input;
    this.#seen = { atMs: performance.now(), ...input.pulse(), idleMs: idleMs() };
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** Adds the time that one picture took, from composing to the last packet. */
  spent(ms: number): void {
    this.#busyMs += ms;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { ladder } = this.#input;
    if (ladder) {
      const measured = this.#measure(ladder);
      const change = this.#governor.decide(measured);
      if (change?.what === 'rung') {
        ladder.want(change.id, change.on);
        const { lateShare, busyShare } = measured;
        const sentence = change.on ? 'there is room again: a rung comes back' : 'short of CPU: a rung is dropped';
        this.#input.log.warn({ rung: change.id, lateShare, busyShare }, sentence);
      } else if (change) {
        this.#halfRate = change.on;
        ladder.setHalfRate(change.on);
        this.#input.log.warn({ halfRate: change.on, lateShare: measured.lateShare }, 'the frame rate was changed');
      }
    }
    this.#input.tell(this.#rungFacts(), this.#halfRate ? [HALF_RATE] : []);
  }

  #measure(ladder: Ladder): Measured {
    const now = { atMs: performance.now(), ...this.#input.pulse(), idleMs: idleMs() };
    const before = this.#seen;
    this.#seen = now;
    const passedMs = Math.max(1, now.atMs - before.atMs);
    const late = now.lateTicks - before.lateTicks;
    // Ticks that were left out ran not at all: they count in both.
    const all = Math.max(1, now.ticks - before.ticks + late);
    const busyShare = Math.min(1, this.#busyMs / passedMs);
    this.#busyMs = 0;
    const costs = rungCosts(ladder.lines.map(({ rung, on, encodeMs }) => ({ ...rung, on, encodeMs })));
    return {
      lateShare: Math.min(1, late / all),
      busyShare,
      idleCores: Math.max(0, now.idleMs - before.idleMs) / passedMs,
      rungs: ladder.lines.map(({ rung, wanted, failed }, index) => ({
        id: rung.id,
        height: Math.min(rung.width, rung.height),
        on: wanted && !failed,
        failed,
        costMs: costs[index] ?? 0,
      })),
      halfRate: this.#halfRate,
    };
  }

  #rungFacts(): PipelineFacts['rungs'] {
    return (this.#input.ladder?.lines ?? []).map(({ rung, on, encodeMs, encoder }) => ({
      id: rung.id,
      width: rung.width,
      height: rung.height,
      fps: rung.fps,
      bitrateKbps: rung.bitrateKbps,
      on,
      encodeMs: Math.round(encodeMs * 10) / 10,
      encoder: encoder.name,
    }));
  }
}

/** Idle milliseconds of all cores since the machine's start. */
function idleMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}
