import { cpus } from 'node:os';

/** With less of the machine's processor idle, nothing is begun that can wait. */
const BUSY_BELOW_IDLE = 0.08;
const LOOK_EVERY_MS = 2_000;

type Times = { idle: number; all: number };

/** Whether this machine has processor to spare: the share that was idle in the last two seconds, over all cores. */
export function watchProcessor(read: () => Times = readTimes): { isBusy(): boolean; stop(): void } {
  let before = read();
  let idleShare = 1;
  const timer = setInterval(() => {
    const now = read();
    const all = now.all - before.all;
    if (all > 0) idleShare = (now.idle - before.idle) / all;
    before = now;
  }, LOOK_EVERY_MS);
  timer.unref();
  return { isBusy: () => idleShare < BUSY_BELOW_IDLE, stop: () => clearInterval(timer) };
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
