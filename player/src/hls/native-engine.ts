import { keepGrant, withNewestGrant } from '../grant/keep-grant.ts';
import type { Engine, EngineEvents } from './engine.ts';

/**
 * Lets the browser play the playlist itself: only where hls.js cannot run (iPhones before iOS 17.1). Chromium's "maybe" is not asked for.
 * @returns null when the browser does not claim HLS either
 */
export function openNativeEngine(video: HTMLVideoElement, url: string, events: EngineEvents): Engine | null {
  if (video.canPlayType('application/vnd.apple.mpegurl') === '') return null;
  const onError = () => {
    const code = video.error?.code;
    const kind = code === 2 ? 'network' : code === 3 ? 'media' : code === 4 ? 'unsupported' : 'other';
    events.onFailure({ kind, atManifest: video.readyState === 0 });
  };
  const onMetadata = () => events.onLive(!Number.isFinite(video.duration));
  video.addEventListener('error', onError);
  video.addEventListener('loadedmetadata', onMetadata);
  // The browser takes its addresses from the playlist as they are: the newest grant counts from the next opening on.
  const stopGrant = keepGrant(url);
  video.src = withNewestGrant(url);
  video.load();
  return {
    name: 'native',
    liveEdgeS: () =>
      Number.isFinite(video.duration) || video.seekable.length === 0
        ? null
        : video.seekable.end(video.seekable.length - 1),
    // The browser steers by itself.
    holdBackS: () => 0,
    floorS: () => 0,
    setQuality: () => {},
    setCap: () => {},
    audioUrl: () => null,
    dateMs: () => ('getStartDate' in video ? dateOf(video) : null),
    timeOfDateS: () => null,
    showOffsetS: () => 0,
    facts: () => ({ bitrateKbps: null, bandwidthKbps: null, codecs: null, fps: null, partS: null }),
    mendDecoder: () => video.load(),
    destroy() {
      stopGrant();
      video.removeEventListener('error', onError);
      video.removeEventListener('loadedmetadata', onMetadata);
      video.removeAttribute('src');
      video.load();
    },
  };
}

/** WebKit tells the date of media time 0. */
function dateOf(video: HTMLVideoElement & { getStartDate?: unknown }): number | null {
  const start: unknown = typeof video.getStartDate === 'function' ? video.getStartDate() : null;
  return start instanceof Date && Number.isFinite(start.getTime()) ? start.getTime() + video.currentTime * 1000 : null;
}
