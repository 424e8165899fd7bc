import { availableParallelism } from 'node:os';
import { watchProcessor } from '../publish/processor.ts';

/** A new transcode shows in the measured load after this long, ms; until then it counts by what it was promised. */
const PROMISED_FOR_MS = 5_000;

/** Decides whether this machine has processor for one more transcode, by what is idle and what was promised just now. */
export class TranscodeAdmission {
  private promised: { cores: number; untilMs: number }[] = [];

  /** @param minIdleShare of the cores needed that has to be idle; 0 takes every transcode */
  constructor(
    private readonly machine: { cores: number; idleCores(): number },
    private readonly minIdleShare: number,
    private readonly now: () => number = performance.now.bind(performance),
  ) {}

  /** Asks for so many cores, and takes them when they are there. @returns why not, for people; empty when it may begin */
  ask(cores: number): string {
    const nowMs = this.now();
    this.promised = this.promised.filter(({ untilMs }) => untilMs > nowMs);
    const promised = this.promised.reduce((sum, one) => sum + one.cores, 0);
    const idle = Math.max(0, this.machine.idleCores() - promised);
    if (idle < cores * this.minIdleShare) {
      return `this server has no processor left to transcode it (about ${round(cores)} cores are needed, ${round(idle)} of ${this.machine.cores} are idle)`;
    }
    this.promised.push({ cores, untilMs: nowMs + PROMISED_FOR_MS });
    return '';
  }
}

/** The processor of this machine. */
export function measureMachine(): { cores: number; idleCores(): number; stop(): void } {
  const cores = availableParallelism();
  const processor = watchProcessor();
  return { cores, idleCores: () => processor.idleShare() * cores, stop: processor.stop };
}

function round(cores: number): string {
  return (Math.round(cores * 100) / 100).toString();
}
