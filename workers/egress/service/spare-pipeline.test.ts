import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FromPipeline, ToPipeline } from '../plan.ts';
import type { PipelineProcessEvents } from './pipeline-process.ts';
import { keepSpare, SPARE_TIMES } from './spare-pipeline.ts';

/** A process without a process: what it was told, and what it says. */
type Child = { pid: number; told: ToPipeline['t'][]; events: PipelineProcessEvents; killed: boolean };

const ACTIVE: FromPipeline = { t: 'active', atMs: 5 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function keep() {
  const children: Child[] = [];
  const logged: string[] = [];
  const log = (_facts: object, message: string) => void logged.push(message);
  const machine = { idleCores: 1 };
  const pipelines = keepSpare({
    idleCores: () => machine.idleCores,
    log: { info: log, warn: log, error: log },
    now: Date.now,
    start(events) {
      const child: Child = { pid: 100 + children.length, told: [], events, killed: false };
      children.push(child);
      return {
        pid: child.pid,
        send: ({ t }) => void child.told.push(t),
        kill: () => {
          child.killed = true;
        },
      };
    },
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  /** An egress begins. */
  const begin = () => {
    const [heard, exits]: [FromPipeline[], unknown[]] = [[], []];
    const process = pipelines.start({
      message: (message) => void heard.push(message),
      exit: (how) => void exits.push(how),
    });
    return { process, heard, exits };
  };
  const warm = (child: Child | undefined) => child?.events.message({ t: 'warm' });
  return { children, logged, machine, pipelines, pass, begin, warm };
}

test('one process is loaded ahead, the next egress gets it, and it hears what is said from then on', async () => {
  const { children, pipelines, pass, begin, warm } = keep();
  await pass(SPARE_TIMES.rest);
  expect(children.map(({ told }) => told)).toEqual([['warm']]);
  expect(pipelines.isReady()).toBe(false);
  warm(children[0]);
  expect(pipelines.isReady()).toBe(true);
  const { process, heard, exits } = begin();
  expect(process).toMatchObject({ pid: 100, isLoaded: true });
  expect(pipelines.isReady()).toBe(false);
  children[0]?.events.message(ACTIVE);
  children[0]?.events.exit({ code: 7, signal: null });
  expect(heard).toEqual([ACTIVE]);
  expect(exits).toEqual([{ code: 7, signal: null }]);
});

test('one that is still loading is further than a new one, and is given the time of a new one', async () => {
  const { children, pass, begin, warm } = keep();
  await pass(SPARE_TIMES.rest);
  const { process, heard } = begin();
  expect(process).toMatchObject({ pid: 100, isLoaded: false });
  warm(children[0]);
  expect(heard).toEqual([{ t: 'warm' }]);
});

test('the next spare is made when the egress has its first part, and not while it starts', async () => {
  const { children, pass, begin } = keep();
  await pass(SPARE_TIMES.rest);
  begin();
  await pass(8_000);
  expect(children).toHaveLength(1);
  children[0]?.events.message(ACTIVE);
  await pass(SPARE_TIMES.rest - 1);
  expect(children).toHaveLength(1);
  await pass(1);
  expect(children).toHaveLength(2);
});

test('an egress that never has a first part does not keep the next one from a spare', async () => {
  const { children, pass, begin } = keep();
  const { process } = begin();
  expect(process).toMatchObject({ pid: 100 });
  expect(children[0]?.told).toEqual([]);
  await pass(SPARE_TIMES.longRest);
  expect(children.map(({ told }) => told)).toEqual([[], ['warm']]);
});

test('there is one spare however many egresses run', async () => {
  const { children, pass, begin, warm } = keep();
  await pass(SPARE_TIMES.rest);
  begin();
  begin();
  children[0]?.events.message(ACTIVE);
  await pass(SPARE_TIMES.rest);
  children[1]?.events.message(ACTIVE);
  warm(children[2]);
  await pass(10 * SPARE_TIMES.longRest);
  expect(children.map(({ told }) => told)).toEqual([['warm'], [], ['warm']]);
});

test('a full machine gets its spare when a core is idle, or at last nevertheless', async () => {
  const { children, machine, pass, begin } = keep();
  machine.idleCores = 0.1;
  await pass(SPARE_TIMES.rest + 5_000);
  expect(children).toHaveLength(0);
  machine.idleCores = 0.4;
  await pass(SPARE_TIMES.look);
  expect(children).toHaveLength(1);
  machine.idleCores = 0;
  begin();
  children[0]?.events.message(ACTIVE);
  await pass(SPARE_TIMES.rest + SPARE_TIMES.patience - SPARE_TIMES.look);
  expect(children).toHaveLength(1);
  await pass(2 * SPARE_TIMES.look);
  expect(children).toHaveLength(2);
});

test('a spare that dies is no egress that crashed: it is logged, and made again a minute later', async () => {
  const { children, logged, pipelines, pass, begin, warm } = keep();
  await pass(SPARE_TIMES.rest);
  warm(children[0]);
  children[0]?.events.exit({ code: null, signal: 'SIGKILL' });
  expect(logged).toEqual(['the spare pipeline process ended by itself']);
  expect(pipelines.isReady()).toBe(false);
  await pass(SPARE_TIMES.died - 1);
  expect(children).toHaveLength(1);
  await pass(1);
  expect(children).toHaveLength(2);
  expect(begin().process.pid).toBe(101);
});

test('closing kills the spare and leaves what runs', async () => {
  const { children, pipelines, pass, begin } = keep();
  await pass(SPARE_TIMES.rest);
  begin();
  children[0]?.events.message(ACTIVE);
  await pass(SPARE_TIMES.rest);
  pipelines.close();
  children[1]?.events.exit({ code: null, signal: 'SIGKILL' });
  expect(children.map(({ killed }) => killed)).toEqual([false, true]);
  expect(begin().process.pid).toBe(102);
  await pass(2 * SPARE_TIMES.died);
  expect(children).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
});
