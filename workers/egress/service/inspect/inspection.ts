import { EgressStatus, StreamInfo_Status } from '@livekit/protocol';
import type { PipelineFacts, PushReport } from '../../plan.ts';
import type { RunningEgress } from '../running-egress.ts';

/** A running egress as an operator sees it (`/inspect/{egressId}.json`, metrics). Holds no key and no full URL. */
export type EgressInspection = {
  egressId: string;
  roomName: string;
  type: string;
  /** LiveKit's word, without its prefix: `starting`, `active`, `ending`. */
  status: string;
  /** ms since 1970; 0 = not yet. */
  startedAtMs: number;
  picture: { width: number; height: number; fps: number };
  process: { pid: number | null; restarts: number; cpuCores: number | null; promisedCores: number; rssMb: number };
  composedFps: number;
  ticks: number;
  lateTicks: number;
  /** When the process was last heard, ms since 1970; null before its first word. */
  heardAtMs: number | null;
  /** Null until the engine has told them. */
  facts: PipelineFacts | null;
  destinations: {
    /** With the key cut out, as LiveKit shows it. */
    url: string;
    status: string;
    /** Null until it was heard of. */
    report: Pick<PushReport, 'id' | 'state' | 'bitrateKbps' | 'droppedFrames' | 'retries' | 'lastError'> | null;
  }[];
};

const word = (name: string | undefined) => (name ?? 'unknown').replace(/^EGRESS_/, '').toLowerCase();

/** @param cpuCores as measured; null = not yet, or this system cannot tell */
export function inspect(egress: RunningEgress, cpuCores: number | null): EgressInspection {
  const info = egress.info();
  const { facts, pushes, heardAtMs, composedFps, ticks, lateTicks, rssMb } = egress.telemetry();
  const { width, height, fps } = egress.program;
  return {
    egressId: egress.egressId,
    roomName: info.roomName,
    type: egress.type,
    status: word(EgressStatus[info.status]),
    startedAtMs: Number(info.startedAt / 1_000_000n),
    picture: { width, height, fps },
    process: {
      pid: egress.pid(),
      restarts: egress.restarts(),
      cpuCores,
      promisedCores: egress.needCores,
      rssMb,
    },
    composedFps,
    ticks,
    lateTicks,
    heardAtMs,
    facts,
    destinations: egress.streams().map(({ id, url, status }) => {
      const report = pushes.find((push) => push.id === id);
      return {
        url,
        status: word(StreamInfo_Status[status]),
        report: report ? shown(report) : null,
      };
    }),
  };
}

function shown({ id, state, bitrateKbps, droppedFrames, retries, lastError }: PushReport) {
  return { id, state, bitrateKbps, droppedFrames, retries, lastError };
}
