import { pixelRateOf } from '#core/scene/rungs';
import type { EgressConfig } from '../config.ts';
import type { EgressPlan } from '../plan.ts';

/** Cores of a 720p30 rendition, encoded, and of the rest: receiving, mixing, packaging (performance.md section 4). */
const CORES_720P30 = 0.18;
const CORES_BASE = 0.17;
const CORES_AUDIO = 0.08;
/** A page on top of that: Chromium's process, its drawing and the capture at 720p30 of a picture that moves everywhere (decision 0016). */
const CORES_PAGE_BASE = 0.25;
const CORES_PAGE_720P30 = 0.5;
/** Memory of Chromium with a page in it. */
const PAGE_MB = 600;
const PIXELS_720P30 = 1280 * 720 * 30;
/** A machine without this much idle, on which an egress misses this share of its ticks, is full whatever the estimates say. */
const MIN_IDLE_CORES = 0.1;
const MAX_LATE_SHARE = 0.1;

/** What is known of the machine and of what runs here. */
export type Load = {
  cores: number;
  /** Idle cores of the whole machine, averaged over the last seconds; null until measured. */
  idleCores: number | null;
  /** Memory that processes may still take, MB; absent = not known. */
  freeMb?: number;
  /** Running egresses: the estimate they were admitted with, and what their process was measured to use (null at first). */
  running: { estimateCores: number; measuredCores: number | null; lateShare: number }[];
};

export type Admission =
  | { ok: true; needCores: number; affinity: number }
  | { ok: false; needCores: number; freeCores: number; reason: string };

/** Cores an egress will need, from its picture; a cost set in egress.yaml is a floor. */
export function estimateCores(plan: EgressPlan, floors: EgressConfig['cost']['floors']): number {
  const share = pixelRateOf(plan.program) / PIXELS_720P30;
  if (plan.source.kind === 'page') {
    if (plan.audioOnly) return Math.max(CORES_AUDIO + CORES_PAGE_BASE, floors.audioWeb);
    const { width, height, fps } = plan.program;
    const page = CORES_PAGE_BASE + CORES_PAGE_720P30 * ((width * height * fps) / PIXELS_720P30);
    return Math.max(CORES_BASE + CORES_720P30 * share + page, floors.web);
  }
  const audioOnly = plan.audioOnly && plan.source.kind === 'room';
  if (audioOnly) return Math.max(CORES_AUDIO, floors.audioRoom);
  const cores = CORES_BASE + CORES_720P30 * share;
  return Math.max(cores, floorOf(plan, floors));
}

function floorOf(
  { source, websocketUrl, audioOnly, videoOnly }: EgressPlan,
  floors: EgressConfig['cost']['floors'],
): number {
  if (source.kind === 'participant' || source.kind === 'media') return floors.participant;
  if (source.kind !== 'tracks') return floors.room;
  return websocketUrl || audioOnly || videoOnly ? floors.track : floors.trackComposite;
}

const round = (cores: number) => Math.max(0, Math.round(cores * 100) / 100);

/** Cores still free for new egresses: the worker's share less what its egresses use or were promised. */
export function freeCoresOf(load: Load, maxLoad: number): number {
  const used = load.running.reduce((sum, one) => sum + Math.max(one.measuredCores ?? 0, one.estimateCores), 0);
  return load.cores * maxLoad - used;
}

function whatFits(freeCores: number): string {
  if (freeCores >= CORES_BASE + CORES_720P30) return 'One picture of 720p30 would fit.';
  if (freeCores >= CORES_BASE + CORES_720P30 / 4) return 'One picture of 360p30 would fit.';
  if (freeCores >= CORES_AUDIO) return 'Sound alone would fit.';
  return 'Nothing more fits.';
}

/**
 * Whether this worker takes an egress. Decided by what its own egresses cost, measured where it can be; the load of the whole machine
 * counts only when an egress that runs here suffers from it, so that an idle worker on a busy machine still takes one.
 * Willingness as LiveKit's: 1 when something runs and there is room (packs work onto few machines), else 0.5.
 */
export function admit(plan: EgressPlan, load: Load, cost: EgressConfig['cost']): Admission {
  const needCores = estimateCores(plan, cost.floors);
  const freeCores = freeCoresOf(load, cost.maxLoad);
  const refuse = (reason: string): Admission => ({ ok: false, needCores, freeCores: Math.max(0, freeCores), reason });
  const running = load.running.length;
  if (running >= cost.maxEgresses) {
    return refuse(`This egress worker runs ${running} of at most ${cost.maxEgresses} egresses.`);
  }
  if (needCores > freeCores) {
    return refuse(
      `This egress worker has no room: ${round(needCores)} cores are needed, ${round(freeCores)} of ${round(load.cores * cost.maxLoad)} are free (${running} running). ${whatFits(freeCores)}`,
    );
  }
  if (plan.source.kind === 'page' && (load.freeMb ?? PAGE_MB) < PAGE_MB) {
    return refuse(
      `This egress worker's machine has too little memory to draw a page: ${PAGE_MB} MB are needed, ${Math.round(load.freeMb ?? 0)} MB are free.`,
    );
  }
  const late = Math.max(0, ...load.running.map(({ lateShare }) => lateShare));
  if (late > MAX_LATE_SHARE && load.idleCores !== null && load.idleCores < MIN_IDLE_CORES) {
    return refuse(
      `This egress worker's machine is full: ${round(load.idleCores)} of ${load.cores} cores are idle and a running egress misses ${Math.round(late * 100)} % of its ticks. Try again in a moment.`,
    );
  }
  return { ok: true, needCores, affinity: running > 0 ? 1 : 0.5 };
}

/** Whether the WebRTC program of an egress that runs here fits in too; asked when its room asks for seats. */
export function admitSeats(load: Load, cost: EgressConfig['cost']): Admission {
  const needCores = cost.seats;
  const freeCores = freeCoresOf(load, cost.maxLoad);
  if (needCores <= freeCores) return { ok: true, needCores, affinity: 1 };
  const reason = `This egress worker has no room for a WebRTC program: ${round(needCores)} cores are needed, ${round(freeCores)} of ${round(load.cores * cost.maxLoad)} are free.`;
  return { ok: false, needCores, freeCores: Math.max(0, freeCores), reason };
}
