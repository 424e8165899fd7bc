import { type EgressInfo, EgressStatus, type StreamInfo_Status } from '@livekit/protocol';
import { RpcError } from '#bus/rpc-error';
import type { ServiceLog } from '#bus/service-log';
import type { Program } from '#core/scene/scene';
import type { EgressConfig } from '../config.ts';
import type { SavedCare } from './crash-care.ts';
import { toEgressInfo } from './egress-info.ts';
import {
  addStream,
  becomeActive,
  becomeEnding,
  beginEgress,
  countSegments,
  type EgressState,
  endEgress,
  hasStream,
  isFinal,
  noteStored,
  removeStream,
  reportStream,
  resumeEgress,
  type SavedState,
  saveState,
} from './egress-state.ts';
import { sealEstate } from './estate.ts';
import { EgressTelemetry, type TelemetrySnapshot } from './inspect/telemetry.ts';
import type { StartPipelineProcess } from './pipeline-process.ts';
import { hostOf, MAX_PUSHES, tooManyPushes, toPushPlan } from './push-url.ts';
import type { RegisteredEgress } from './register.ts';
import type { EgressReports } from './reports.ts';
import type { AcceptedRequest } from './requests.ts';
import type { StartRequest } from './start-request.ts';
import {
  type PipelineEnd,
  type PipelineFact,
  type SupervisedEgress,
  type SupervisorTimes,
  superviseEgress,
} from './supervisor.ts';

/** One egress from its start to its last report. */
export type RunningEgress = {
  readonly egressId: string;
  readonly type: AcceptedRequest['type'];
  readonly needCores: number;
  pid(): number | null;
  /** Share of late ticks, smoothed over some seconds, 0 to 1. */
  lateShare(): number;
  info(): EgressInfo;
  /** Tells LiveKit the whole state once more: it lost its record with Redis. */
  reportAgain(): void;
  /** For the register: all that another worker needs to go on with it. */
  registered(): RegisteredEgress;
  readonly program: Program;
  /** Every push so far, its address without the key. */
  streams(): readonly { id: string; url: string; status: StreamInfo_Status }[];
  telemetry(): TelemetrySnapshot;
  /** The program as a small JPEG, at most a second old; null when there is none. */
  picture(): Promise<Uint8Array | null>;
  isEnded(): boolean;
  restarts(): number;
  /** Idempotent, answers at once: closing goes on behind the answer. */
  stop(): EgressInfo;
  /** @throws RpcError `invalid_argument` (all bad addresses at once; the good ones took effect) or `failed_precondition` */
  updateStreams(add: string[], remove: string[]): EgressInfo;
  kill(): void;
  /** Another worker has it: ends the child and tells nobody. */
  abandon(): void;
};

/** Beats over which lateness is smoothed: 5 s. */
const LATE_BEATS = 10;

type Options = {
  request: StartRequest;
  accepted: AcceptedRequest;
  /** Set when another worker began it: its state goes on. */
  resumes?: { state: SavedState; care?: SavedCare };
  needCores: number;
  /** Cores for the WebRTC program when there is room for it, else null. */
  admitSeats(): number | null;
  config: EgressConfig;
  reports: EgressReports;
  start: StartPipelineProcess;
  log: ServiceLog;
  onProcess(pid: number | null): void;
  onEnded(info: EgressInfo, end: PipelineEnd): void;
  times?: Partial<SupervisorTimes>;
  isStarved(pid: number): boolean;
  now?: () => number;
};

/** The smallest of the limits that concern this egress's outputs, ms; it ends the whole egress. */
function startLimit(config: EgressConfig, accepted: AcceptedRequest): number | null {
  const { plan } = accepted;
  const limits = [
    plan.segments ? config.limits.segmentsMs : null,
    plan.pushes.length ? config.limits.streamsMs : null,
    plan.files.length ? config.limits.filesMs : null,
    plan.images.length ? config.limits.imagesMs : null,
  ];
  const set = limits.filter((limit) => limit !== null);
  return set.length > 0 ? Math.min(...set) : null;
}

/**
 * Makes the first state; nothing runs and nothing is told until `launch`, so that LiveKit's record can be made before any update.
 */
export function prepareEgress(options: Options): { first: EgressState; launch(): RunningEgress } {
  const nowMs = (options.now ?? Date.now)();
  const begun = beginEgress(options.request, options.accepted, nowMs);
  const first = options.resumes ? resumeEgress(begun, options.resumes.state, nowMs) : begun;
  return { first, launch: () => launchEgress(options, first) };
}

function launchEgress(options: Options, first: EgressState): RunningEgress {
  const { accepted, config, reports, log, now = Date.now } = options;
  const { plan } = accepted;
  let state = first;
  let limit: NodeJS.Timeout | null = null;
  /** Why we ourselves asked it to stop, when nobody else did. */
  let ownCause: 'limit' | 'streams-gone' | null = null;
  let pid: number | null = null;
  let lateShare = 0;
  const telemetry = new EgressTelemetry(now);
  /** Added while the WebRTC program is published. */
  let seatCores = 0;

  function become(next: EgressState, weight?: 'minor'): void {
    if (next === state) return;
    state = next;
    reports.update(state, weight);
  }

  function onFact(fact: PipelineFact): void {
    if (fact.t === 'active') {
      become(becomeActive(state, fact.atMs, now()));
      const limitMs = startLimit(config, accepted);
      // Counted from the first start, whichever worker that was on.
      const leftMs = limitMs === null ? null : Math.max(0, limitMs - (now() - state.startedAtMs));
      if (leftMs !== null) limit ??= setTimeout(onLimit, Math.min(leftMs, 2 ** 31 - 1));
    } else if (fact.t === 'push') {
      const before = state.streams.findLast((stream) => stream.id === fact.report.id);
      const next = reportStream(state, fact.report, now());
      const after = next.streams.findLast((stream) => stream.id === fact.report.id);
      const same = before && after && before.status === after.status && !before.startedAtMs === !after.startedAtMs;
      // What keeps a stream from beginning is told at once, each further try only once in a while.
      const news = before && after && before.startedAtMs === 0 && before.error === '' && after.error !== '';
      become(next, same && !news ? 'minor' : undefined);
    } else if (fact.t === 'segments') {
      // Counted for the next report; not worth a webhook of its own.
      state = countSegments(state, fact);
    } else if (fact.t === 'seats') {
      seatCores = fact.wanted ? (options.admitSeats() ?? 0) : 0;
      if (fact.wanted) supervised.allowSeats(seatCores > 0);
    } else if (fact.t !== 'facts' && fact.t !== 'picture') {
      state = noteStored(state, fact);
    }
  }

  function endBecause(cause: NonNullable<typeof ownCause>, details: string): void {
    if (state.status < EgressStatus.EGRESS_ENDING) ownCause = cause;
    become(becomeEnding(state, details, now()));
    supervised.stop();
  }

  function onLimit(): void {
    endBecause('limit', 'End reason: Session limit reached');
  }

  function onEnded(end: PipelineEnd): void {
    if (limit) clearTimeout(limit);
    const how: PipelineEnd = ownCause && end.cause === 'stop-asked' ? { ...end, cause: ownCause } : end;
    if (how.cause === 'lease-lost') {
      // Another worker owns the outputs and the report: the older one leaves without a word, also without one that still waits to be sent.
      state = endEgress(state, how, now());
      reports.close();
    } else {
      become(endEgress(state, how, now()));
    }
    const ranMs = state.startedAtMs ? now() - state.startedAtMs : 0;
    log.info(
      {
        egressId: plan.egressId,
        cause: how.cause,
        error: state.error || undefined,
        ranMs,
        restarts: supervised.restarts(),
      },
      'an egress ended',
    );
    options.onEnded(toEgressInfo(state), how);
  }

  const supervised: SupervisedEgress = superviseEgress({
    plan,
    care: options.resumes?.care,
    start: options.start,
    log,
    times: options.times,
    isStarved: () => pid !== null && options.isStarved(pid),
    now,
    events: {
      fact: onFact,
      heard: (message) => telemetry.hear(message),
      process: (next) => {
        pid = next;
        if (next === null) {
          telemetry.processGone();
          seatCores = 0; // a new process asks again
        }
        options.onProcess(next);
      },
      pulse: (late) => {
        lateShare += (late - lateShare) / LATE_BEATS;
      },
      // Not within the launch itself: whoever launches must have us first.
      ended: (end) => queueMicrotask(() => onEnded(end)),
    },
  });

  // Its predecessor was asked to stop and could not finish it: what is left is to close the feed and store the rest.
  if (first.status === EgressStatus.EGRESS_ENDING) supervised.stop();

  function requireChangeable(): void {
    if (state.status <= EgressStatus.EGRESS_ACTIVE) return;
    throw new RpcError('failed_precondition', `egress with status ${EgressStatus[state.status]} cannot be updated`);
  }

  return {
    egressId: plan.egressId,
    type: accepted.type,
    get needCores() {
      return options.needCores + seatCores;
    },
    pid: () => pid,
    lateShare: () => lateShare,
    info: () => toEgressInfo(state),
    reportAgain: () => reports.update(state),
    registered: () => ({
      info: toEgressInfo(state),
      estate: sealEstate(config.livekit.apiSecret, {
        request: options.request,
        accepted: { ...accepted, plan: supervised.plan() },
        state: saveState(state),
        care: supervised.savedCare(),
      }),
    }),
    program: plan.program,
    streams: () => state.streams,
    telemetry: () => telemetry.snapshot(),
    picture: () => telemetry.picture(supervised.askPicture),
    isEnded: () => isFinal(state.status),
    restarts: () => supervised.restarts(),
    stop() {
      become(becomeEnding(state, 'End reason: StopEgress API', now()));
      supervised.stop();
      return toEgressInfo(state);
    },
    updateStreams(add, remove) {
      requireChangeable();
      const problems: string[] = [];
      let next = state;
      // First what goes: a new address may lead to the same stream at the platform, and its place is needed.
      for (const url of remove) {
        try {
          const { id } = toPushPlan(config.livekit.apiSecret, url);
          if (!next.streams.some((stream) => stream.id === id)) {
            problems.push('a stream url to remove is not one of this egress; give the full url');
            continue;
          }
          if (!hasStream(next, id)) continue;
          next = removeStream(next, id, now());
          supervised.removePush(id);
          log.info({ egressId: plan.egressId, host: hostOf(url) }, 'a push was removed');
        } catch (error) {
          problems.push(error instanceof Error ? error.message : String(error));
        }
      }
      for (const url of add) {
        try {
          const push = toPushPlan(config.livekit.apiSecret, url);
          if (hasStream(next, push.id)) continue;
          const running = next.streams.filter((stream) => stream.endedAtMs === 0).length;
          if (running >= MAX_PUSHES) throw tooManyPushes(running + 1);
          // One that failed may be tried again by hand: the pipeline forgets it first.
          if (next.streams.some((stream) => stream.id === push.id)) supervised.removePush(push.id);
          next = addStream(next, push, now());
          supervised.addPush(push);
          log.info({ egressId: plan.egressId, host: hostOf(url) }, 'a push was added');
        } catch (error) {
          problems.push(error instanceof Error ? error.message : String(error));
        }
      }
      become(next);
      const streamsOnly = plan.segments === null && plan.files.length + plan.images.length === 0 && !plan.websocketUrl;
      const streamsGone = streamsOnly && next.streams.every((stream) => stream.endedAtMs !== 0);
      if (streamsGone) endBecause('streams-gone', 'End reason: All streams stopped');
      if (problems.length > 0) throw new RpcError('invalid_argument', problems.join('\n'));
      return toEgressInfo(state);
    },
    kill: () => supervised.kill(),
    abandon: () => supervised.abandon(),
  };
}
