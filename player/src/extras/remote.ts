import { svg } from '../element/icons.ts';
import { iconButton } from '../element/skin.ts';
import type { Desk } from './context.ts';

const AIRPLAY = svg('<path d="M5 17H3V5h18v12h-2"/><path d="m12 15 5 6H7z" fill="currentColor"/>');
const REMOTE = svg('<path d="M3 8V5h18v14h-7M3 12a7 7 0 0 1 7 7M3 16a3 3 0 0 1 3 3"/>');

type WebKitVideo = HTMLVideoElement & { webkitShowPlaybackTargetPicker?: () => void };

/**
 * The button for other devices: AirPlay in WebKit, the Remote Playback API elsewhere. Hidden until the browser says that there is a device
 * which can take what plays now.
 * Source: W3C Remote Playback API
 */
export function buildRemoteButton({ video, words, signal }: Desk): HTMLButtonElement {
  const webkit = video as WebKitVideo;
  const hasAirPlay = typeof webkit.webkitShowPlaybackTargetPicker === 'function';
  const button = iconButton(hasAirPlay ? AIRPLAY : REMOTE, hasAirPlay ? words.airplay : words.remote);
  button.hidden = true;
  if (hasAirPlay) {
    video.addEventListener(
      'webkitplaybacktargetavailabilitychanged',
      (event) => {
        button.hidden = !('availability' in event && event.availability === 'available');
      },
      { signal },
    );
    button.addEventListener('click', () => webkit.webkitShowPlaybackTargetPicker?.(), { signal });
  } else if ('remote' in video) {
    const { remote } = video;
    const watching = remote.watchAvailability((available) => {
      button.hidden = !available;
    });
    // Browsers without devices, or that do not watch in the background, refuse: then there is no button.
    watching.catch(() => {});
    signal.addEventListener(
      'abort',
      () => void watching.then((id) => remote.cancelWatchAvailability(id)).catch(() => {}),
    );
    button.addEventListener('click', () => void remote.prompt().catch(() => {}), { signal });
  }
  return button;
}
