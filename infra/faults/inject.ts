import type { Install } from '../bench/lib/install.ts';
import type { RtmpSink } from '../e2e/rtmp-sink.ts';
import { type CheckedRecording, checkRecording } from './recording.ts';
import { Show } from './show.ts';
import type { Watched } from './viewer.ts';

/** What a viewer may see of a fault, and what must hold. Times in ms. */
export type Limits = {
  /** From the injection to the first new part after the interruption. */
  backWithinMs?: number;
  /** Longest time without a new part. */
  longestGapMs: number;
  discontinuities: number;
  /** Seconds of the show that the recording may lack. */
  lostS: number;
  /** Picture and sound segments that the recording may lack. */
  gaps?: number;
};

export type Fault = {
  name: string;
  /** Row of the fault table. */
  row: string;
  expected: string;
  limits: Limits;
  /** Only when it is named. */
  long?: boolean;
  /** Rungs of the show; the install's own when absent. */
  rungs?: readonly string[];
  /** With a destination that must receive again afterwards. */
  destination?: boolean;
  /** The fault ends the show itself. */
  ends?: boolean;
  /**
   * Injects the fault and resolves when the disturbance is over. `mark` notes the moment of injection.
   * @returns facts for the table
   * @throws Error with what did not hold
   */
  inject(show: Show, mark: () => void): Promise<string[]>;
};

export type Outcome = {
  name: string;
  row: string;
  expected: string;
  measured: string;
  wrong: string[];
  passed: boolean;
  watched?: Watched;
  recording?: CheckedRecording;
};

const BEFORE_MS = 5000;
const AFTER_MS = 6000;
/** What lies between "end" and the last part, and between the first part and the moment a viewer had it. */
const SLACK_S = 3;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const s = (ms: number) => (ms / 1000).toFixed(2);

/** Runs one fault against a show of its own. Never throws: what went wrong is in the outcome. */
export async function injectFault(install: Install, fault: Fault, sink: RtmpSink): Promise<Outcome> {
  const { name, row, expected, limits } = fault;
  const wrong: string[] = [];
  const measured: string[] = [];
  let show: Show | null = null;
  let watched: Watched | undefined;
  let recording: CheckedRecording | undefined;
  try {
    show = await Show.open(install, fault.destination ? sink : null, fault.rungs);
    await wait(BEFORE_MS);
    let atMs = Date.now();
    const facts = await fault.inject(show, () => {
      atMs = Date.now();
    });
    if (!fault.ends) {
      await show.viewer.partAfter(Date.now(), 15_000);
      if (fault.destination) await destinationBack(show);
      await wait(AFTER_MS);
    }
    watched = show.viewer.since(atMs);
    measured.push(...describeWatched(watched, atMs), ...facts);
    wrong.push(...judgeWatched(watched, limits, atMs));
    if (!fault.ends) await show.end();
    recording = await checkRecording(show);
    const shownS = (show.endedAtMs - show.liveAtMs) / 1000;
    measured.push(
      `recording ${recording.durationS.toFixed(1)} of ${shownS.toFixed(1)} s on air, ${recording.gaps} segments missing, ${recording.seams} never made at the seam, ${recording.pictures} pictures`,
    );
    wrong.push(...judgeRecording(recording, limits, shownS));
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  } finally {
    await show?.close();
  }
  return { name, row, expected, measured: measured.join('; '), wrong, passed: wrong.length === 0, watched, recording };
}

async function destinationBack(show: Show): Promise<void> {
  const before = await show.sinkBytes();
  const deadline = Date.now() + 15_000;
  while ((await show.sinkBytes()) <= before) {
    if (Date.now() > deadline) throw new Error('the destination does not receive any more');
    await wait(250);
  }
}

function describeWatched(watched: Watched, atMs: number): string[] {
  const facts = [`longest time without a part ${s(watched.longestGapMs)} s`];
  if (watched.discontinuities > 0 && watched.resumedAtMs)
    facts.unshift(`back on air after ${s(watched.resumedAtMs - atMs)} s`);
  facts.push(
    `${watched.discontinuities} discontinuities`,
    `a player with 1 s of buffer stands ${s(watched.stalledMs)} s`,
  );
  return facts;
}

function judgeWatched(watched: Watched, limits: Limits, atMs: number): string[] {
  const wrong = [...watched.problems];
  if (watched.parts === 0) wrong.push('no part came after the fault');
  if (watched.longestGapMs > limits.longestGapMs) {
    wrong.push(`${s(watched.longestGapMs)} s without a part, at most ${s(limits.longestGapMs)} s were allowed`);
  }
  if (watched.discontinuities !== limits.discontinuities) {
    wrong.push(`${watched.discontinuities} discontinuities instead of ${limits.discontinuities}`);
  }
  const backMs = watched.resumedAtMs ? watched.resumedAtMs - atMs : null;
  if (limits.backWithinMs !== undefined && (backMs === null || backMs > limits.backWithinMs)) {
    wrong.push(
      `back on air after ${backMs === null ? 'never' : `${s(backMs)} s`}, not within ${s(limits.backWithinMs)} s`,
    );
  }
  return wrong;
}

function judgeRecording(recording: CheckedRecording, limits: Limits, shownS: number): string[] {
  const wrong = [...recording.problems];
  if (recording.durationS < shownS - limits.lostS - SLACK_S) wrong.push('the recording is too short');
  if (recording.gaps > (limits.gaps ?? 0)) wrong.push(`${recording.gaps} segments are missing in the recording`);
  if (recording.seams > limits.discontinuities) wrong.push(`${recording.seams} segments were never made`);
  if (recording.decodeErrors > 0) wrong.push(`a decoder complained ${recording.decodeErrors} times`);
  // On a full machine a picture stands for more than one tick: that none stands for long is among the problems.
  if (recording.frames !== recording.pictures || recording.pictures === 0)
    wrong.push(`${recording.frames} pictures decoded of ${recording.pictures}`);
  return wrong;
}
