import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EgressPlan, FromPipeline, HardwareEncoder, ToPipeline } from '../plan.ts';
import type { SavedCare } from './crash-care.ts';
import { appRequest, streamTo, testConfig } from './fixtures/requests.ts';
import type { PipelineProcessEvents } from './pipeline-process.ts';
import { acceptRequest } from './requests.ts';
import { type PipelineEnd, superviseEgress } from './supervisor.ts';

/** A child without a process: what it was told, and what it says. */
type Child = { pid: number; told: ToPipeline[]; events: PipelineProcessEvents; killed: string[] };

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const beat: FromPipeline = { t: 'beat', ticks: 15, lateTicks: 0, composedFps: 30, rssMb: 90 };
const none = { count: 0, bytes: 0, durationMs: 0 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(
  urls: string[] = [],
  pushOnly = false,
  names: HardwareEncoder[] = [],
  isStarved = () => false,
  care?: SavedCare,
  isLoaded = false,
) {
  const children: Child[] = [];
  const ends: PipelineEnd[] = [];
  const facts: FromPipeline[] = [];
  const more = pushOnly ? { segmentOutputs: [], streamOutputs: [streamTo(...urls)] } : {};
  const config = { ...testConfig(), encoders: names.length > 0 ? { names, device: null } : undefined };
  const { plan } = acceptRequest(appRequest('EG_1', 'r', urls, more), config, 0);
  const supervised = superviseEgress({
    plan,
    care,
    log: quiet,
    isStarved,
    start(events) {
      const child: Child = { pid: 100 + children.length, told: [], events, killed: [] };
      children.push(child);
      return {
        pid: child.pid,
        isLoaded,
        send: (message) => void child.told.push(message),
        kill: (signal) => {
          child.killed.push(signal);
          queueMicrotask(() => events.exit({ code: null, signal }));
        },
      };
    },
    events: {
      fact: (fact) => void facts.push(fact),
      process: () => undefined,
      pulse: () => undefined,
      ended: (end) => void ends.push(end),
    },
  });
  const last = () => children.at(-1)!;
  const live = async (ms: number, child = last()) => {
    for (let at = 0; at < ms; at += 500) {
      child.events.message(beat);
      await vi.advanceTimersByTimeAsync(Math.min(500, ms - at));
    }
  };
  return { children, ends, facts, supervised, last, live };
}

test('a child gets the plan, its facts are passed on, and its end is told once', async () => {
  const { children, ends, facts, supervised, last, live } = watch();
  expect(last().told[0]).toMatchObject({ t: 'run', plan: { egressId: 'EG_1' } });
  last().events.message({ t: 'active', atMs: 5 });
  await live(5_000);
  supervised.stop();
  supervised.stop();
  expect(last().told.map(({ t }) => t)).toEqual(['run', 'stop']);
  last().events.message({ t: 'ended', cause: 'stop-asked', error: null, segments: { ...none, count: 4 } });
  last().events.exit({ code: 0, signal: null });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(facts).toEqual([{ t: 'active', atMs: 5 }]);
  expect(ends).toEqual([{ cause: 'stop-asked', error: null, segments: { ...none, count: 4 } }]);
  expect(children).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a child that goes silent is killed after 2 s and started again with the pushes and the layout of now', async () => {
  const { children, supervised, last, live } = watch(['rtmp://h/a/one']);
  await live(1_000);
  last().events.message({ t: 'active', atMs: 5 });
  supervised.addPush({ id: 'new', url: 'rtmp://h/a/two' });
  last().events.message({ t: 'layout', layout: 'speaker' });
  supervised.removePush((last().told[0] as { plan: { pushes: { id: string }[] } }).plan.pushes[0]!.id);
  await vi.advanceTimersByTimeAsync(2_300);
  expect(children[0]!.killed).toEqual(['SIGKILL']);
  expect(children).toHaveLength(2);
  expect(children[1]!.told[0]).toMatchObject({
    t: 'run',
    plan: { pushes: [{ id: 'new' }], source: { kind: 'room', layout: 'speaker' } },
  });
  expect(supervised.restarts()).toBe(1);
});

test('on a machine without an idle core a silent child is waited for, but not for ever', async () => {
  let starved = true;
  const { children, live } = watch([], false, [], () => starved);
  await live(1_000);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(children[0]!.killed).toEqual([]);
  await live(1_000, children[0]);
  await vi.advanceTimersByTimeAsync(8_500);
  expect(children[0]!.killed).toEqual(['SIGKILL']);
  expect(children).toHaveLength(2);
  await live(1_000);
  starved = false;
  await vi.advanceTimersByTimeAsync(2_300);
  expect(children[1]!.killed).toEqual(['SIGKILL']);
});

test('a child has time to load before its first beat', async () => {
  const { children, last } = watch();
  await vi.advanceTimersByTimeAsync(19_000);
  expect(last().killed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(children[0]!.killed).toEqual(['SIGKILL']);
});

test('one that was loaded ahead has nothing to wait for, and is killed sooner', async () => {
  const { children, live } = watch([], false, [], undefined, undefined, true);
  await vi.advanceTimersByTimeAsync(4_500);
  expect(children[0]!.killed).toEqual([]);
  await live(1_000);
  await vi.advanceTimersByTimeAsync(2_300);
  expect(children[0]!.killed).toEqual(['SIGKILL']);
  await vi.advanceTimersByTimeAsync(5_500);
  expect(children[1]!.killed).toEqual(['SIGKILL']);
});

test('three crashes in a minute end the egress with the reason', async () => {
  const { children, ends, last } = watch();
  for (let i = 0; i < 3; i++) last().events.exit({ code: null, signal: 'SIGSEGV' });
  expect(children).toHaveLength(3);
  expect(ends).toEqual([{ cause: 'failed', error: 'the pipeline crashed 3 times in 60 s', segments: null }]);
});

test('R-2: after three crashes the track that came last is left out, then every picture, then the egress ends with the reason', async () => {
  const { children, ends, last, live } = watch();
  const tap = (sid: string, picture = true) =>
    last().events.message({ t: 'tap', track: { sid, identity: `of ${sid}`, picture } });
  const receiveAll = () => {
    for (const sid of ['TR_cam', 'TR_screen']) tap(sid);
    tap('TR_mic', false);
  };
  const care = () => (last().told[0] as { plan: EgressPlan }).plan.care;
  const crash = async () => {
    await live(1_000);
    last().events.exit({ code: null, signal: 'SIGSEGV' });
  };
  receiveAll();
  tap('TR_gone');
  last().events.message({ t: 'untap', sid: 'TR_gone' });
  tap('TR_new');
  await crash();
  for (let time = 2; time <= 3; time++) {
    expect(care()).toBeUndefined();
    // In another order than before: a restart gets them all at once.
    tap('TR_new');
    receiveAll();
    await crash();
  }
  expect(care()).toEqual({ leftOut: [{ sid: 'TR_new', identity: 'of TR_new', picture: true }], slate: false });
  receiveAll();
  await crash();
  expect(care()?.slate).toBe(true);
  expect(care()?.leftOut.map(({ sid }) => sid)).toEqual(['TR_cam', 'TR_screen', 'TR_gone', 'TR_new']);
  expect(ends).toEqual([]);
  tap('TR_mic', false);
  await crash();
  expect(children).toHaveLength(5);
  expect(ends).toEqual([{ cause: 'failed', error: 'the pipeline crashed 5 times in 60 s', segments: null }]);
});

test('R-2: a process that stays up without the suspect goes on so, and another series of crashes leaves out another one', async () => {
  const { ends, last, live } = watch();
  const tap = (sid: string) => last().events.message({ t: 'tap', track: { sid, identity: 'host_1', picture: true } });
  const crashes = async (count: number, sids: string[]) => {
    for (let time = 0; time < count; time++) {
      last().events.message({ t: 'active', atMs: 5 });
      for (const sid of sids) tap(sid);
      await live(1_000);
      last().events.exit({ code: 134, signal: null });
    }
  };
  const leftOut = () => (last().told[0] as { plan: EgressPlan }).plan.care?.leftOut.map(({ sid }) => sid);
  await crashes(3, ['TR_a', 'TR_b']);
  expect(leftOut()).toEqual(['TR_b']);
  await live(61_000);
  await crashes(3, ['TR_a']);
  expect(leftOut()).toEqual(['TR_b', 'TR_a']);
  expect(ends).toEqual([]);
});

test('R-2: a successor goes on where the crashes of its predecessor had led', async () => {
  const tap = ({ last }: ReturnType<typeof watch>, sid: string) =>
    last().events.message({ t: 'tap', track: { sid, identity: 'host_1', picture: true } });
  const crash = ({ last }: ReturnType<typeof watch>) => last().events.exit({ code: null, signal: 'SIGSEGV' });
  const careOf = ({ last }: ReturnType<typeof watch>) => (last().told[0] as { plan: EgressPlan }).plan.care;
  const heirOf = ({ supervised }: ReturnType<typeof watch>) => {
    const saved: SavedCare = JSON.parse(JSON.stringify(supervised.savedCare()));
    supervised.abandon();
    return watch([], false, [], undefined, saved);
  };
  const first = watch();
  for (let time = 1; time <= 2; time++) {
    for (const sid of ['TR_a', 'TR_b']) tap(first, sid);
    crash(first);
  }
  // Two crashes are behind it, and TR_b came last, although it is told first here.
  const second = heirOf(first);
  expect(careOf(second)).toBeUndefined();
  for (const sid of ['TR_b', 'TR_a']) tap(second, sid);
  crash(second);
  expect(careOf(second)?.leftOut.map(({ sid }) => sid)).toEqual(['TR_b']);

  const third = heirOf(second);
  expect(careOf(third)).toEqual(careOf(second));
  tap(third, 'TR_a');
  crash(third);
  expect(careOf(third)?.slate).toBe(true);
  const fourth = heirOf(third);
  crash(fourth);
  expect(fourth.ends).toMatchObject([{ cause: 'failed', error: 'the pipeline crashed 5 times in 60 s' }]);
});

test('crashes further apart are survived', async () => {
  const { children, ends, last, live } = watch();
  for (let i = 0; i < 4; i++) {
    last().events.message({ t: 'active', atMs: 5 });
    await live(31_000);
    last().events.exit({ code: 134, signal: null });
  }
  expect(children).toHaveLength(5);
  expect(ends).toEqual([]);
});

test('an egress that beats and never becomes active fails after 30 s', async () => {
  const { ends, last, live } = watch();
  await live(30_600);
  expect(ends).toMatchObject([{ cause: 'failed', error: 'the pipeline did not start within 30 s' }]);
  expect(last().killed).toEqual(['SIGKILL']);
});

test('a dead destination does not end an egress that only pushes', async () => {
  const { ends, live } = watch(['rtmp://h/a/one'], true);
  await live(120_000);
  expect(ends).toEqual([]);
});

test('a child that does not close in 30 s is killed and the egress failed', async () => {
  const { ends, supervised, last, live } = watch();
  last().events.message({ t: 'active', atMs: 5 });
  last().events.message({ t: 'segments', count: 7, bytes: 1, durationMs: 1 });
  supervised.stop();
  await live(30_600);
  expect(ends).toEqual([
    { cause: 'failed', error: 'the pipeline did not close in time', segments: { count: 7, bytes: 1, durationMs: 1 } },
  ]);
  expect(last().killed).toEqual(['SIGKILL']);
});

test('a child that lost its hardware encoder is replaced by one that does not use it, which counts as no crash', async () => {
  const { children, ends, facts, supervised, last, live } = watch([], false, ['h264_nvenc', 'h264_vaapi']);
  const lose = async (name: string) => {
    await live(1_000);
    last().events.message({ t: 'encoder-lost', lost: { name, reason: 'the device is gone' } });
    last().events.exit({ code: 75, signal: null });
  };
  await lose('h264_nvenc');
  const lost = [{ name: 'h264_nvenc', reason: 'the device is gone' }];
  const encoders = { names: ['h264_nvenc', 'h264_vaapi'], device: null, lost };
  expect(last().told).toMatchObject([{ t: 'run', plan: { encoders, resumes: true } }]);
  await lose('h264_vaapi');
  expect(last().told[0]).toMatchObject({
    plan: { encoders: { lost: [{ name: 'h264_nvenc' }, { name: 'h264_vaapi' }] } },
  });
  last().events.exit({ code: null, signal: 'SIGSEGV' });
  last().events.exit({ code: null, signal: 'SIGSEGV' });
  expect(children).toHaveLength(5);
  expect(ends).toEqual([]);
  expect(facts).toEqual([]);
  supervised.stop();
  await lose('h264_vaapi');
  expect(last().told.map(({ t }) => t)).toEqual(['run', 'stop']);
  expect(ends).toEqual([]);
});

test('a crash while closing is the end, not a restart', () => {
  const { children, ends, supervised, last } = watch();
  supervised.stop();
  last().events.exit({ code: 1, signal: null });
  expect(children).toHaveLength(1);
  expect(ends).toMatchObject([{ cause: 'failed', error: 'the pipeline crashed while it was closing' }]);
});

test('a child that hangs after its last word is killed without a second end', async () => {
  const { ends, last } = watch();
  last().events.message({ t: 'ended', cause: 'source-gone', error: null, segments: none });
  await vi.advanceTimersByTimeAsync(31_000);
  expect(last().killed).toEqual(['SIGKILL']);
  expect(ends).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("the parent's own stall is not held against the child", async () => {
  const { last, live } = watch();
  await live(1_000);
  // The loop stood still for 5 s: the clock jumped, no timer ran, the child's beats wait in the pipe.
  vi.setSystemTime(Date.now() + 5_000);
  await vi.advanceTimersByTimeAsync(250);
  expect(last().killed).toEqual([]);
  await live(2_000);
  expect(last().killed).toEqual([]);
});

test('a second signal ends at once', async () => {
  const { ends, supervised, last } = watch();
  supervised.kill();
  await vi.advanceTimersByTimeAsync(1);
  expect(last().killed).toEqual(['SIGKILL']);
  expect(ends).toMatchObject([{ cause: 'failed', error: 'the egress worker was stopped' }]);
});
