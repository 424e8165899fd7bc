import { deviceOf, type PlayError, QualityMeter, type QualityReport } from './quality.ts';

/** A meter that listens to a video element; what the element cannot tell is told by the player. */
export type QualityWatch = { wanted(): void; failed(error: PlayError): void; take(): QualityReport | null };

const NO_LONGER = ['pause', 'ended', 'emptied'] as const;

/**
 * Measures how a video element plays until `signal` aborts.
 * @param at engine: which one plays now · behindS: distance to the live edge, s; null where there is none or the viewer chose another place
 */
export function watchQuality(
  video: HTMLVideoElement,
  at: { engine(): QualityReport['engine']; behindS(): number | null },
  signal: AbortSignal,
): QualityWatch {
  const meter = new QualityMeter();
  const now = () => performance.now();
  video.addEventListener('playing', () => meter.playing(now()), { signal });
  video.addEventListener('waiting', () => video.seeking || meter.stalled(now()), { signal });
  video.addEventListener('resize', () => meter.shows(video.videoHeight), { signal });
  for (const name of NO_LONGER) video.addEventListener(name, () => meter.idle(now()), { signal });
  const device = deviceOf({
    touch: matchMedia('(pointer: coarse)').matches,
    shortSidePx: Math.min(screen.width, screen.height),
    userAgent: navigator.userAgent,
  });
  return {
    wanted: () => meter.wanted(now()),
    failed: (error) => meter.failed(error),
    take: () =>
      meter.take(now(), {
        device,
        engine: at.engine(),
        behindS: at.behindS(),
        height: video.videoHeight,
        droppedFrames: video.getVideoPlaybackQuality?.().droppedVideoFrames ?? 0,
      }),
  };
}
