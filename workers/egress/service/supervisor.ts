import type { ServiceLog } from '#bus/service-log';
import type { EgressPlan, EndCause, FromPipeline, PushPlan } from '../plan.ts';
import { CrashCare, type SavedCare } from './crash-care.ts';
import type { PipelineProcess, StartPipelineProcess } from './pipeline-process.ts';

export type SegmentCount = { count: number; bytes: number; durationMs: number };

/** What its owner is told: the child's facts, without what is between child and supervisor, and what is for its successor. */
export type PipelineFact = Exclude<
  FromPipeline,
  { t: 'warm' | 'beat' | 'tap' | 'untap' | 'layout' | 'ended' | 'encoder-lost' }
>;

/** How an egress ended, for the report. `stopAsked` tells an orderly end from one that came by itself. */
export type PipelineEnd = {
  cause: EndCause;
  error: string | null;
  segments: SegmentCount | null;
};

export type SupervisorEvents = {
  fact(message: PipelineFact): void;
  /** Everything the pipeline says, beats included. */
  heard?(message: FromPipeline): void;
  process(pid: number | null): void;
  /** At each beat: the share of the compositor's ticks since the last one that came too late, 0 to 1. */
  pulse(lateShare: number): void;
  /** Once. */
  ended(end: PipelineEnd): void;
};

export type SupervisorTimes = {
  /** Loading the native libraries takes seconds on a busy machine; beats count from the first one. */
  firstBeatMs: number;
  /** The same for a process that was loaded ahead. */
  loadedBeatMs: number;
  /** Silence that means the child hangs. */
  silenceMs: number;
  /** The same for a child that works on a machine without an idle core: it is not mended by starting another one. */
  starvedMs: number;
  /** From start to ACTIVE. */
  startMs: number;
  /** From stop to the end. */
  closeMs: number;
  /** The same where files are made and uploaded at the end: as long as the child beats. */
  filesCloseMs: number;
  crashWindowMs: number;
  crashLimit: number;
  checkMs: number;
};

export const SUPERVISOR_TIMES: SupervisorTimes = {
  firstBeatMs: 20_000,
  loadedBeatMs: 5_000,
  silenceMs: 2_000,
  starvedMs: 8_000,
  startMs: 30_000,
  closeMs: 30_000,
  filesCloseMs: 1_800_000,
  crashWindowMs: 60_000,
  crashLimit: 3,
  checkMs: 250,
};

export type SupervisedEgress = {
  addPush(push: PushPlan): void;
  removePush(id: string): void;
  /** Asks for an orderly end; repeated calls change nothing. */
  stop(): void;
  /** Ends now, for a second signal: the child is killed. */
  kill(): void;
  /** Another worker goes on with this egress: ends at once as `lease-lost`. */
  abandon(): void;
  /** What runs now: pushes and layout may have changed since the start. */
  plan(): EgressPlan;
  /** What its processes crashed on, for another worker that goes on with it. */
  savedCare(): SavedCare;
  /** Whether the pipeline may publish the WebRTC program. */
  allowSeats(allowed: boolean): void;
  /** Asks the pipeline for a picture; the answer is heard. */
  askPicture(): void;
  restarts(): number;
};

type Options = {
  plan: EgressPlan;
  /** Of the worker that had this egress before. */
  care?: SavedCare;
  start: StartPipelineProcess;
  events: SupervisorEvents;
  log: ServiceLog;
  times?: Partial<SupervisorTimes>;
  /** Whether the child works but gets too little of a full machine; never when absent. A frozen one does not work. */
  isStarved?: () => boolean;
  now?: () => number;
};

/** The pipeline itself gives a page three tries of 30 s; one that says itself when it begins may take as long as it likes. */
function startLimitMs({ source }: EgressPlan, usualMs: number): number {
  if (source.kind !== 'page') return usualMs;
  return source.awaitStartSignal ? Number.POSITIVE_INFINITY : 4 * usualMs;
}

/**
 * Keeps one egress's child process alive: silence is answered with SIGKILL, a crash with a restart on the same plan (the pipeline finds
 * its next media sequence number in Redis), a series of crashes with leaving out what it may be, and then with the end.
 */
export function superviseEgress(options: Options): SupervisedEgress {
  const { plan, start, events, log, times: given, isStarved = () => false, now = Date.now } = options;
  const times = { ...SUPERVISOR_TIMES, ...given };
  const begunAt = now();
  const facts = { egressId: plan.egressId };
  let pushes = [...plan.pushes];
  let { source } = plan;
  let child: PipelineProcess | null = null;
  let heardAt = begunAt;
  let deadline = begunAt + times.firstBeatMs;
  let working = false;
  let stopAskedAt: number | null = null;
  let ending: PipelineEnd | null = null;
  let segments: SegmentCount | null = null;
  let ended = false;
  let beaten = { ticks: 0, lateTicks: 0 };
  let restarts = 0;
  const care = new CrashCare(times, options.care);
  let { encoders } = plan;
  /** The child leaves for a reason that it told; another one goes on. */
  let replaced = false;
  let checkedAt = begunAt;

  function end(how: PipelineEnd): void {
    if (ended) return;
    ended = true;
    // The watch goes on until the child is gone.
    if (!child) clearInterval(timer);
    events.ended(how);
  }

  /** Counters begin anew with each child. */
  function lateShareSince({ ticks, lateTicks }: { ticks: number; lateTicks: number }): number {
    const [moreTicks, moreLate] = [ticks - beaten.ticks, lateTicks - beaten.lateTicks];
    beaten = { ticks, lateTicks };
    // A tick that is left out is late too, though it never came: there may be more of them than ticks.
    return moreTicks > 0 && moreLate >= 0 ? Math.min(1, moreLate / moreTicks) : 0;
  }

  function hear(message: FromPipeline): void {
    heardAt = now();
    deadline = heardAt + times.silenceMs;
    events.heard?.(message);
    switch (message.t) {
      case 'warm':
        return;
      case 'beat':
        if (message.ticks > 0 && plan.segments === null) working = true;
        events.pulse(lateShareSince(message));
        return;
      case 'tap':
        return care.tapped(message.track);
      case 'untap':
        return care.untapped(message.sid);
      case 'ended':
        ending = { cause: message.cause, error: message.error, segments: message.segments };
        // It exits by itself; a library that hangs while closing must not hold the report up.
        end(ending);
        deadline = heardAt + times.closeMs;
        return;
      case 'encoder-lost':
        log.error({ ...facts, ...message.lost }, 'a hardware encoder was lost, a new process goes on without it');
        if (encoders) encoders = { ...encoders, lost: [...(encoders.lost ?? []), message.lost] };
        replaced = true;
        return;
      case 'active':
        working = true;
        break;
      case 'layout':
        source = { kind: 'room', layout: message.layout };
        return;
      case 'segments':
        segments = { count: message.count, bytes: message.bytes, durationMs: message.durationMs };
        break;
      default:
        break;
    }
    if (!ended) events.fact(message);
  }

  const planNow = (): EgressPlan => ({ ...plan, source, pushes });

  function launch(): void {
    child = start({ message: hear, exit: onExit });
    heardAt = now();
    deadline = heardAt + (child.isLoaded ? times.loadedBeatMs : times.firstBeatMs);
    events.process(child.pid ?? null);
    child.send({ t: 'run', plan: { ...planNow(), encoders, care: care.plan, resumes: plan.resumes || restarts > 0 } });
    if (stopAskedAt !== null) child.send({ t: 'stop' });
  }

  function onExit(how: { code: number | null; signal: string | null }): void {
    child = null;
    events.process(null);
    if (ended) {
      clearInterval(timer);
      return;
    }
    if (replaced) {
      // No crash. It happens once for each encoder of the list.
      replaced = false;
      restarts += 1;
      launch();
      return;
    }
    const after = care.crashed(now());
    log.warn({ ...facts, ...how }, 'a pipeline process ended by itself');
    if (stopAskedAt !== null) {
      end({ cause: 'failed', error: 'the pipeline crashed while it was closing', segments });
    } else if (after.do === 'give-up') {
      const inS = Math.round(times.crashWindowMs / 1000);
      end({ cause: 'failed', error: `the pipeline crashed ${after.crashes} times in ${inS} s`, segments });
    } else {
      if (after.changed)
        log.error({ ...facts, ...care.plan }, 'the next pipeline process leaves out what this one may have crashed on');
      restarts += 1;
      launch();
    }
  }

  function fail(error: string): void {
    log.error({ ...facts, error }, 'a pipeline process is given up');
    end({ cause: 'failed', error, segments });
    child?.kill('SIGKILL');
  }

  function check(): void {
    const at = now();
    const lateMs = at - checkedAt - times.checkMs;
    checkedAt = at;
    // We ourselves were stalled: what looks like the child's silence is ours.
    if (lateMs > times.silenceMs / 2) deadline = Math.max(deadline, at + times.silenceMs);
    if (
      stopAskedAt !== null &&
      !ended &&
      at - stopAskedAt > (plan.files.length > 0 ? times.filesCloseMs : times.closeMs)
    ) {
      fail('the pipeline did not close in time');
    } else if (!working && stopAskedAt === null && !ended && at - begunAt > startLimitMs(plan, times.startMs)) {
      fail(`the pipeline did not start within ${Math.round(times.startMs / 1000)} s`);
    } else if (child && at > deadline && !(isStarved() && at - heardAt < times.starvedMs)) {
      log.warn({ ...facts, silentMs: at - heardAt }, 'a pipeline process is silent and is killed');
      deadline = at + times.silenceMs;
      child.kill('SIGKILL');
    }
  }

  const timer = setInterval(check, times.checkMs);
  launch();

  return {
    addPush(push) {
      if (pushes.some(({ id }) => id === push.id)) return;
      pushes = [...pushes, push];
      child?.send({ t: 'push-add', push });
    },
    removePush(id) {
      pushes = pushes.filter((push) => push.id !== id);
      child?.send({ t: 'push-remove', id });
    },
    stop() {
      if (stopAskedAt !== null || ended) return;
      stopAskedAt = now();
      child?.send({ t: 'stop' });
    },
    kill() {
      end({ cause: 'failed', error: 'the egress worker was stopped', segments });
      child?.kill('SIGKILL');
    },
    abandon() {
      end({ cause: 'lease-lost', error: null, segments });
      child?.kill('SIGKILL');
    },
    plan: planNow,
    savedCare: () => care.save(),
    allowSeats: (allowed) => child?.send({ t: 'seats', allowed }),
    askPicture: () => child?.send({ t: 'picture' }),
    restarts: () => restarts,
  };
}
