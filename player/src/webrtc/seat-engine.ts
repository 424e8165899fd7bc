import type { Engine } from '../hls/engine.ts';
import type { SeatLink } from './seat-link.ts';

/** Shows the program of a seat. Always live, one quality, no way back in the show: who seeks is taken to HLS. */
export function openSeatEngine(video: HTMLVideoElement, link: SeatLink, stopGrant: () => void): Engine {
  video.srcObject = link.stream;
  return {
    name: 'webrtc',
    liveEdgeS: () => null,
    holdBackS: () => 0,
    floorS: () => 0,
    setQuality: () => {},
    setCap: () => {},
    audioUrl: () => null,
    dateMs: () => null,
    timeOfDateS: () => null,
    showOffsetS: () => null,
    facts: () => ({ ...link.facts, bandwidthKbps: null, partS: null }),
    mendDecoder: () => {},
    destroy() {
      stopGrant();
      if (video.srcObject === link.stream) video.srcObject = null;
    },
  };
}
