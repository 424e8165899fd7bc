import { cpus } from 'node:os';

/** With less of the machine's processor idle, nothing is begun that can wait. */
const BUSY_BELOW_IDLE = 0.08;
const LOOK_EVERY_MS = 2_000;

type Times = { idle: number; all: number };

export type Processor = {
  /** Nothing should be begun that can wait. */
  isBusy(): boolean;
  /** The share that was idle in the last two seconds, over all cores; 1 until measured. */
  idleShare(): number;
  stop(): void;
};

/** What this machine has of processor to spare. */
export function watchProcessor(read: () => Times = readTimes): Processor {
  let before = read();
  let idleShare = 1;
  const timer = setInterval(() => {
    const now = read();
    const all = now.all - before.all;
    if (all > 0) idleShare = (now.idle - before.idle) / all;
    before = now;
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    isBusy: () => idleShare < BUSY_BELOW_IDLE,
    idleShare: () => idleShare,
    stop: () => clearInterval(timer),
  };
}

function readTimes(): Times {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, all };
}
