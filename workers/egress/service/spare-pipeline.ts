import type { ServiceLog } from '#bus/service-log';
import type { PipelineProcess, PipelineProcessEvents, StartPipelineProcess } from './pipeline-process.ts';

/** A worker's pipeline processes, one of them started ahead. */
export type SparePipelines = {
  /** The one that waits, as soon as there is one, else a new one. */
  start: StartPipelineProcess;
  /** Whether one has all loaded and waits. */
  isReady(): boolean;
  /** Kills the one that waits, and makes no more. */
  close(): void;
};

/** All in ms. */
export type SpareTimes = {
  /** From the worker's start, and from an egress's first part: what runs needs the cores itself. */
  rest: number;
  /** From an egress's start, for one that has no first part. */
  longRest: number;
  /** Between two looks whether there is an idle core. */
  look: number;
  /** A machine that is full all the time gets one nevertheless. */
  patience: number;
  /** After one that died while it waited: the next would most likely do the same. */
  died: number;
};

export const SPARE_TIMES: SpareTimes = { rest: 2_000, longRest: 15_000, look: 1_000, patience: 10_000, died: 60_000 };

/** Loading takes some 2.5 s of CPU, of one core. Less than what admission leaves free on two cores. */
const IDLE_CORES = 0.2;

type Spare = { process: PipelineProcess; isLoaded: boolean; owner: PipelineProcessEvents | null };

type Options = {
  start: StartPipelineProcess;
  /** Idle cores of the machine; null when not known. */
  idleCores(): number | null;
  log: ServiceLog;
  times?: SpareTimes;
  now?: () => number;
};

/** Every egress begins with a process of its own that loads the engine first. */
export function withoutSpare(start: StartPipelineProcess): SparePipelines {
  return { start, isReady: () => false, close: () => undefined };
}

/**
 * Keeps one pipeline process with the whole engine loaded, waiting for its plan: two thirds of the time that viewers stand still after a
 * crash, and before the first picture, would be Node loading modules. It is no egress: it has no room, no feed and no load to speak of.
 */
export function keepSpare({
  start,
  idleCores,
  log,
  times = SPARE_TIMES,
  now = performance.now.bind(performance),
}: Options): SparePipelines {
  let spare: Spare | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  /** Puts off what was meant to happen earlier. */
  function makeAfter(restMs: number): void {
    if (timer) clearTimeout(timer);
    const lastLookAt = now() + restMs + times.patience;
    const look = () => {
      const isFull = (idleCores() ?? IDLE_CORES) < IDLE_CORES;
      if (isFull && now() < lastLookAt) timer = setTimeout(look, times.look).unref();
      else if (!spare) spare = make();
    };
    timer = isClosed ? null : setTimeout(look, restMs).unref();
  }

  function make(): Spare {
    const process = start({
      message(message) {
        if (message.t === 'warm') one.isLoaded = true;
        one.owner?.message(message);
      },
      exit(how) {
        if (one.owner) return one.owner.exit(how);
        if (spare !== one) return;
        spare = null;
        log.warn(how, 'the spare pipeline process ended by itself');
        makeAfter(times.died);
      },
    });
    const one: Spare = { process, isLoaded: false, owner: null };
    process.send({ t: 'warm' });
    return one;
  }

  makeAfter(times.rest);

  return {
    start(events) {
      const one = spare;
      spare = null;
      makeAfter(times.longRest);
      const owner: PipelineProcessEvents = {
        exit: events.exit,
        message(message) {
          if (message.t === 'active' && !spare) makeAfter(times.rest);
          events.message(message);
        },
      };
      if (!one) return start(owner);
      one.owner = owner;
      return { ...one.process, isLoaded: one.isLoaded };
    },
    isReady: () => spare?.isLoaded === true,
    close() {
      isClosed = true;
      if (timer) clearTimeout(timer);
      spare?.process.kill('SIGKILL');
      spare = null;
    },
  };
}
