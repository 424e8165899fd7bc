import { afterStall, createCatchUp, stepCatchUp } from '../core/catch-up.ts';

const STEP_MS = 100;

export type LiveSteering = { noteStall(): void; stop(): void };

/**
 * Applies core/catch-up.ts to a video ten times a second while `isFollowing` says so.
 * @param edgeS media time of the newest picture, seconds, or null
 */
export function steerLive(
  video: HTMLVideoElement,
  facts: { isFollowing(): boolean; edgeS(): number | null; seekToLive(): void },
): LiveSteering {
  const nowS = () => performance.now() / 1000;
  let state = createCatchUp(nowS());
  const timer = setInterval(() => {
    if (!facts.isFollowing() || video.paused || video.seeking || video.readyState < 3) {
      if (!facts.isFollowing() && video.playbackRate !== 1) video.playbackRate = 1;
      return;
    }
    const edge = facts.edgeS();
    const step = stepCatchUp(state, {
      nowS: nowS(),
      aheadS: bufferedAheadS(video),
      behindS: edge === null ? null : edge - video.currentTime,
    });
    state = step.state;
    if (step.seekToLive) facts.seekToLive();
    else if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
  }, STEP_MS);
  return {
    noteStall() {
      state = afterStall(state, nowS());
    },
    stop() {
      clearInterval(timer);
      video.playbackRate = 1;
    },
  };
}

/** Seconds of media from the playhead to the end of the range that holds it. */
export function bufferedAheadS(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video;
  for (let i = 0; i < buffered.length; i++) {
    if (currentTime >= buffered.start(i) - 0.05 && currentTime < buffered.end(i)) return buffered.end(i) - currentTime;
  }
  return 0;
}
