import { Empty } from '@bufbuild/protobuf';
import { EgressInfo, StopEgressRequest, UpdateStreamRequest } from '@livekit/protocol';
import type { Bus } from '#bus/open-bus';
import { MessageWriter } from '#bus/protobuf-fields';
import { RpcError } from '#bus/rpc-error';
import type { Offer } from '#bus/rpc-server';
import type { ServiceLog } from '#bus/service-log';
import type { Program } from '#core/scene/scene';
import type { EgressConfig } from '../config.ts';
import { type Admission, admit, admitSeats, estimateCores, type Load } from './admission.ts';
import type { CpuMeter } from './cpu-meter.ts';
import { cutByLatency } from './cut-by-latency.ts';
import { type Estate, openEstate } from './estate.ts';
import { type EgressInspection, inspect } from './inspect/inspection.ts';
import type { EgressHealth, EgressMetrics } from './metrics.ts';
import { pageHere, refusalOfPage } from './pages.ts';
import type { StartPipelineProcess } from './pipeline-process.ts';
import type { RegisteredEgress } from './register.ts';
import { createEgressReports } from './reports.ts';
import { type AcceptedRequest, acceptRequest, type TrackFacts, tracksAskedFor } from './requests.ts';
import { prepareEgress, type RunningEgress } from './running-egress.ts';
import { type StartRequest, StartRequestCodec } from './start-request.ts';
import type { SupervisorTimes } from './supervisor.ts';

export type EgressService = {
  /** Begins to answer LiveKit's bus. */
  open(): Promise<void>;
  /** Claims nothing any more; running egresses go on. */
  drain(): Promise<void>;
  /** Asks every running egress for an orderly end. */
  stopAll(): void;
  /** Kills the children. */
  killAll(): void;
  /** Resolves when nothing runs and every report was taken. */
  idle(): Promise<void>;
  health(): EgressHealth;
  /** What runs, for the register. */
  registered(): RegisteredEgress[];
  /** Whether there is room to go on with an egress of a worker that died. */
  canTakeOver(egress: RegisteredEgress): boolean;
  /** Goes on with it under its own id: same feed, same destinations, same record. @throws when it cannot be begun */
  takeOver(egress: RegisteredEgress): Promise<void>;
  /** LiveKit has lost its record of it. */
  reportAgain(egressId: string): void;
  /** Lets go of an egress that another worker has taken over. */
  abandon(egressId: string): void;
  /** What runs, in full, for operators. */
  inspect(): EgressInspection[];
  /** A small JPEG of a running egress; null when it runs not, or has no picture. */
  picture(egressId: string): Promise<Uint8Array | null>;
  close(): Promise<void>;
};

export type EgressServiceDeps = {
  bus: Bus;
  config: EgressConfig;
  log: ServiceLog;
  start: StartPipelineProcess;
  cpu: CpuMeter;
  metrics: EgressMetrics;
  /** The scene's program from the room's metadata; null when there is none or LiveKit cannot be asked. */
  sceneProgram(roomName: string): Promise<Program | null>;
  /** The tracks published in a room, through LiveKit's API. @throws RpcError `unavailable` */
  roomTracks(roomName: string): Promise<TrackFacts[]>;
  times?: Partial<SupervisorTimes>;
  now?: () => number;
};

/** livekit-server waits 1 s for claims: a refusal is offered late, so that a worker with room wins first (livekit.md 1.1). */
const REFUSAL_OFFER: Offer = { affinity: 0.01, afterMs: 800 };
const CREATE_TIMEOUT_MS = 1_200;
/** A stop that comes after the end is still answered with the last state. */
const LINGER_MS = 30_000;

type Seat = { running: RunningEgress | null; starting: Promise<EgressInfo>; leaves: (() => Promise<void>)[] };

/** LiveKit's egress service: answers starts, stops and stream changes, and keeps one pipeline process an egress. */
export function createEgressService(deps: EgressServiceDeps): EgressService {
  const { bus, config, log, cpu, metrics, now = Date.now } = deps;
  const seats = new Map<string, Seat>();
  /** Admitted, its process not yet running. */
  const promised = new Map<string, number>();
  const settling = new Set<Promise<void>>();
  const lingering = new Set<NodeJS.Timeout>();
  let leaveService: (() => Promise<void>)[] = [];
  let idleWaiters: (() => void)[] = [];
  let draining = false;

  const running = () => [...seats.values()].flatMap(({ running: one }) => (one && !one.isEnded() ? [one] : []));

  function load(): Load {
    const measured = running().map((one) => {
      const pid = one.pid();
      const measuredCores = pid === null ? null : cpu.coresOf(pid);
      return { estimateCores: one.needCores, measuredCores, lateShare: one.lateShare() };
    });
    // One whose process has begun is counted there alone: four that start at one moment would else be seven.
    const soon = [...promised]
      .filter(([egressId]) => !seats.get(egressId)?.running)
      .map(([, estimateCores]) => ({ estimateCores, measuredCores: null, lateShare: 0 }));
    return { cores: cpu.cores, idleCores: cpu.idleCores(), freeMb: cpu.freeMb(), running: [...measured, ...soon] };
  }

  /** What we think of a request: a refusal by validation is not repeated, nor one for lack of room. */
  function judge(
    request: StartRequest,
    tracks: TrackFacts[] | null = null,
  ): { accepted: AcceptedRequest; admission: Admission } | RpcError {
    try {
      const accepted = acceptRequest(request, config, now(), tracks);
      return { accepted, admission: admit(accepted.plan, load(), config.cost) };
    } catch (error) {
      if (error instanceof RpcError) return error;
      throw error;
    }
  }

  /** As `judge`; tracks that a request names are looked up first. */
  async function judgeWithTracks(request: StartRequest): Promise<ReturnType<typeof judge>> {
    const first = judge(request);
    if (first instanceof RpcError) return first;
    const refusal = await refusalOfPage(first.accepted.plan);
    if (refusal) return refusal;
    const wanted = tracksAskedFor(request.request);
    if (!wanted) return first;
    try {
      return judge(request, await deps.roomTracks(wanted.roomName));
    } catch (error) {
      if (error instanceof RpcError) return error;
      throw error;
    }
  }

  function offer(request: StartRequest): Offer | null {
    if (draining) return null;
    if (seats.has(request.egressId)) return { affinity: 1 };
    const judged = judge(request);
    if (judged instanceof RpcError) {
      // Another service on the bus (LiveKit's own) may serve what we do not: it claims first.
      return judged.code === 'unimplemented' ? REFUSAL_OFFER : { affinity: 0.5 };
    }
    return judged.admission.ok ? { affinity: judged.admission.affinity } : REFUSAL_OFFER;
  }

  async function begin(
    request: StartRequest,
    accepted: AcceptedRequest,
    needCores: number,
    seat: Seat,
    estate?: Estate,
  ): Promise<EgressInfo> {
    const { egressId, roomName } = accepted.plan;
    if (accepted.wantsSceneProgram && !estate) {
      const program = (await deps.sceneProgram(roomName)) ?? accepted.plan.program;
      accepted.plan = cutByLatency({ ...accepted.plan, program }, config.partMs);
    }
    const reports = createEgressReports({ bus, log });
    let watched: number | null = null;
    const prepared = prepareEgress({
      request,
      accepted,
      resumes: estate,
      needCores,
      config,
      reports,
      log,
      now,
      start: deps.start,
      times: deps.times,
      isStarved: (pid) => cpu.isStarved(pid),
      admitSeats() {
        const answer = admitSeats(load(), config.cost);
        if (answer.ok) return answer.needCores;
        log.warn({ egressId, reason: answer.reason }, 'the WebRTC program was refused');
        return null;
      },
      onProcess(pid) {
        if (watched !== null) cpu.unwatch(watched);
        if (pid !== null) cpu.watch(pid, accepted.plan.source.kind === 'page');
        watched = pid;
      },
      onEnded(info, { cause }) {
        metrics.ended(accepted.type, info.status);
        const told = reports.settled().finally(() => settling.delete(told));
        settling.add(told);
        if (cause === 'lease-lost') {
          // Another worker has it: a stop that we answered would not reach it.
          void leave(egressId);
        } else {
          const linger = setTimeout(() => leave(egressId, linger), LINGER_MS);
          lingering.add(linger.unref());
        }
        wakeWhenIdle();
      },
    });
    if (estate) reports.adopt(prepared.first);
    else await reports.create(prepared.first, CREATE_TIMEOUT_MS);
    const one = prepared.launch();
    seat.running = one;
    metrics.started(accepted.type);
    const topic = (method: string) => ({ service: 'EgressHandler', method, topic: egressId });
    seat.leaves = await Promise.all([
      bus.serve({ ...topic('StopEgress'), request: StopEgressRequest, handle: async () => one.stop() }),
      bus.serve({
        ...topic('UpdateStream'),
        request: UpdateStreamRequest,
        handle: async ({ addOutputUrls, removeOutputUrls }) => one.updateStreams(addOutputUrls, removeOutputUrls),
      }),
    ]);
    const { program, pushes, segments } = accepted.plan;
    log.info(
      {
        egressId,
        roomName,
        type: accepted.type,
        picture: `${program.width}x${program.height}@${program.fps}`,
        rungs: program.ladder.length,
        pushes: pushes.length,
        playbackId: segments?.playbackId,
        notes: accepted.notes.length > 0 ? accepted.notes : undefined,
      },
      estate ? 'an egress goes on here' : 'an egress starts',
    );
    return one.info();
  }

  async function leave(egressId: string, linger?: NodeJS.Timeout): Promise<void> {
    if (linger) lingering.delete(linger);
    const seat = seats.get(egressId);
    seats.delete(egressId);
    for (const stop of seat?.leaves ?? []) await stop();
  }

  async function handleStart(request: StartRequest): Promise<EgressInfo> {
    // A repeated start of the same id (the bus's callers retry) is answered with what is.
    const known = seats.get(request.egressId);
    if (known) return known.running ? known.running.info() : known.starting;
    const judged = await judgeWithTracks(request);
    if (judged instanceof RpcError) {
      metrics.refused(judged.code);
      log.warn({ egressId: request.egressId, code: judged.code, reason: judged.message }, 'an egress was refused');
      throw judged;
    }
    const { accepted, admission } = judged;
    if (!admission.ok) {
      const { needCores, freeCores, reason } = admission;
      metrics.refused('failed_precondition');
      log.warn({ egressId: request.egressId, needCores, freeCores, reason }, 'an egress was refused');
      throw new RpcError('failed_precondition', reason);
    }
    const { egressId } = accepted.plan;
    // A repeated start may have come while tracks were looked up.
    const meanwhile = seats.get(egressId);
    if (meanwhile) return meanwhile.running?.info() ?? meanwhile.starting;
    promised.set(egressId, admission.needCores);
    const seat: Seat = { running: null, starting: Promise.resolve(new EgressInfo()), leaves: [] };
    seats.set(egressId, seat);
    seat.starting = begin(request, accepted, admission.needCores, seat).finally(() => {
      promised.delete(egressId);
      wakeWhenIdle();
    });
    try {
      return await seat.starting;
    } catch (error) {
      seat.running?.kill();
      seats.delete(egressId);
      log.error({ egressId, err: error }, 'an egress could not be started');
      throw error;
    }
  }

  /** A dead worker's egress as ours: what it makes stays, where this worker finds its servers and folders is its own. */
  function inherit({ estate }: RegisteredEgress): { estate: Estate; accepted: AcceptedRequest } | null {
    const read = openEstate(config.livekit.apiSecret, estate);
    if (!read) return null;
    const { livekit, redisUrl, targets, encoders, spoolFolder, spoolBytes, logLevel } = config;
    const source = pageHere(read.accepted.plan.source, config.page);
    if (!source) return null;
    const folder = spoolFolder ?? undefined;
    const own = { livekit, redisUrl, targets, encoders, spoolFolder: folder, spoolBytes, logLevel, source };
    return { estate: read, accepted: { ...read.accepted, plan: { ...read.accepted.plan, ...own, resumes: true } } };
  }

  function wakeWhenIdle(): void {
    if (running().length > 0 || promised.size > 0) return;
    for (const wake of idleWaiters) wake();
    idleWaiters = [];
  }

  return {
    async open() {
      leaveService = await Promise.all([
        bus.serve({
          service: 'EgressInternal',
          method: 'StartEgress',
          topic: '',
          request: StartRequestCodec,
          offer,
          handle: handleStart,
        }),
        bus.serve({
          service: 'EgressInternal',
          method: 'ListActiveEgress',
          topic: '',
          direct: true,
          request: Empty,
          handle: async () => ({
            toBinary: () =>
              running()
                .reduce((out, { egressId }) => out.text(1, egressId), new MessageWriter())
                .finish(),
          }),
        }),
      ]);
    },
    async drain() {
      draining = true;
      const leaves = leaveService;
      leaveService = [];
      await Promise.all(leaves.map((stop) => stop()));
    },
    stopAll() {
      for (const one of running()) one.stop();
    },
    killAll() {
      for (const one of running()) one.kill();
    },
    async idle() {
      if (running().length > 0 || promised.size > 0) await new Promise<void>((resolve) => idleWaiters.push(resolve));
      await Promise.all(settling);
    },
    health() {
      const now = load();
      const free = now.cores * config.cost.maxLoad - now.running.reduce((sum, one) => sum + one.estimateCores, 0);
      const isConnected = bus.isConnected();
      const canAccept = !draining && isConnected && now.running.length < config.cost.maxEgresses && free > 0;
      const egressIds = running().map(({ egressId }) => egressId);
      return { canAccept, isConnected, cpuLoad: now.idleCores ?? now.cores, egressIds };
    },
    registered: () => running().map((one) => one.registered()),
    canTakeOver(egress) {
      if (draining || seats.has(egress.info.egressId)) return false;
      const heir = inherit(egress);
      return heir !== null && admit(heir.accepted.plan, load(), config.cost).ok;
    },
    async takeOver(egress) {
      const heir = inherit(egress);
      if (!heir) throw new Error('its request cannot be read');
      const { accepted, estate } = heir;
      const { egressId } = accepted.plan;
      const needCores = estimateCores(accepted.plan, config.cost.floors);
      const seat: Seat = { running: null, starting: Promise.resolve(egress.info), leaves: [] };
      seats.set(egressId, seat);
      try {
        await begin(estate.request, accepted, needCores, seat, estate);
      } catch (error) {
        seat.running?.abandon();
        seats.delete(egressId);
        throw error;
      }
    },
    reportAgain: (egressId) => seats.get(egressId)?.running?.reportAgain(),
    abandon(egressId) {
      seats.get(egressId)?.running?.abandon();
      void leave(egressId);
    },
    inspect: () =>
      running().map((one) => {
        const pid = one.pid();
        return inspect(one, pid === null ? null : cpu.coresOf(pid));
      }),
    picture: async (egressId) =>
      running()
        .find((one) => one.egressId === egressId)
        ?.picture() ?? null,
    async close() {
      for (const timer of lingering) clearTimeout(timer);
      await Promise.all([...seats.keys()].map((egressId) => leave(egressId)));
    },
  };
}
