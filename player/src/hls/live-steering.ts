import { afterArrival, afterJump, afterStall, createLatency, stepLatency } from '../core/latency.ts';
import type { Engine } from './engine.ts';

const STEP_MS = 100;

export type LiveSteering = {
  /** The buffer has grown. */
  noteArrival(): void;
  noteStall(): void;
  /** The playhead was moved. */
  noteJump(): void;
  /** What is meant and what is so, seconds; null before it is known. */
  readonly facts: { targetS: number; marginS: number | null };
  stop(): void;
};

export type SteeringFacts = {
  isFollowing(): boolean;
  /** Media time of the newest picture, seconds, or null. */
  edgeS(): number | null;
  /** The host's chosen latency as a margin, seconds. */
  floorS(): number;
  /** Seconds behind the edge that a show without parts asks for; 0 with parts. */
  holdBackS(): number;
  seekToLive(): void;
};

/** What of it an engine knows. Without parts the list's own hold-back is kept. */
export const steeringFacts = (engine: Engine): Pick<SteeringFacts, 'edgeS' | 'floorS' | 'holdBackS'> => ({
  edgeS: () => engine.liveEdgeS(),
  floorS: () => engine.floorS(),
  holdBackS: () => engine.holdBackS(),
});

/** Applies core/latency.ts to a video ten times a second while `isFollowing` says so. */
export function steerLive(video: HTMLVideoElement, facts: SteeringFacts): LiveSteering {
  const nowS = () => performance.now() / 1000;
  let state = createLatency(nowS());
  let shown = { targetS: state.heldS, marginS: null as number | null };
  let unseen = false;
  const timer = setInterval(() => {
    if (!facts.isFollowing()) {
      if (video.playbackRate !== 1 && state.rate !== 1) video.playbackRate = 1;
      state = { ...state, rate: 1 };
      return;
    }
    if (video.paused || video.seeking || video.readyState < 3) return;
    const edge = facts.edgeS();
    const step = stepLatency(state, {
      nowS: nowS(),
      positionS: video.currentTime,
      behindS: edge === null ? null : edge - video.currentTime,
      floorS: facts.floorS(),
      holdBackS: facts.holdBackS(),
    });
    state = step.state;
    shown = { targetS: step.targetS, marginS: step.marginS };
    if (step.seekToLive) facts.seekToLive();
    else if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
  }, STEP_MS);
  return {
    noteArrival() {
      // A hidden tab is told late, a paused one loads when it likes: neither is the network's doing.
      if (document.hidden || !facts.isFollowing() || video.seeking) {
        unseen = true;
        return;
      }
      const endS = bufferedEndS(video);
      if (endS === null) return;
      if (unseen) state = afterJump(state, nowS());
      unseen = false;
      state = afterArrival(state, { atS: nowS(), endS });
    },
    noteStall() {
      state = afterStall(state, nowS(), facts.floorS());
    },
    noteJump() {
      state = afterJump(state, nowS());
    },
    get facts() {
      return shown;
    },
    stop() {
      clearInterval(timer);
      video.playbackRate = 1;
    },
  };
}

/** End of the buffered range that holds the playhead, media seconds. */
function bufferedEndS({ buffered, currentTime }: HTMLVideoElement): number | null {
  for (let i = 0; i < buffered.length; i++) {
    if (currentTime >= buffered.start(i) - 0.05 && currentTime < buffered.end(i) + 0.05) return buffered.end(i);
  }
  return null;
}

/** Seconds of media from the playhead to the end of the range that holds it. */
export function bufferedAheadS(video: HTMLVideoElement): number {
  return Math.max(0, (bufferedEndS(video) ?? video.currentTime) - video.currentTime);
}
