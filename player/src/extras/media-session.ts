import type { PlayerStatus } from '../core/phase.ts';
import type { Desk } from './context.ts';

/**
 * Tells the system what plays and takes its keys: headphones, lock screens, keyboards with media keys.
 * Source: W3C Media Session
 */
export function tellMediaSession(desk: Desk): void {
  if (!('mediaSession' in navigator)) return;
  const { mediaSession } = navigator;
  const { host, video, signal } = desk;
  const handlers: [MediaSessionAction, (details: MediaSessionActionDetails) => void][] = [
    ['play', () => desk.playback?.play()],
    ['pause', () => desk.playback?.pause()],
    ['seekbackward', ({ seekOffset }) => desk.playback?.seek(video.currentTime - (seekOffset ?? 10))],
    ['seekforward', ({ seekOffset }) => desk.playback?.seek(video.currentTime + (seekOffset ?? 10))],
    ['seekto', ({ seekTime }) => seekTime !== undefined && desk.playback?.seek(seekTime)],
  ];
  let told = '';

  function tell(status: PlayerStatus): void {
    if (status.phase === 'waiting' || status.phase === 'loading') return;
    const title = host.getAttribute('title') || status.title || document.title;
    const poster = host.getAttribute('poster');
    if (told !== title) {
      told = title;
      mediaSession.metadata = new MediaMetadata({
        title,
        artist: host.getAttribute('channel') ?? '',
        artwork: poster ? [{ src: poster }] : [],
      });
      for (const [action, handler] of handlers) setHandler(mediaSession, action, handler);
    }
    mediaSession.playbackState = video.paused ? 'paused' : 'playing';
  }
  host.addEventListener(
    'openair-status',
    (event) => event instanceof CustomEvent && tell(event.detail as PlayerStatus),
    { signal },
  );
  // A recording has a length; a live show has none that would stay true.
  video.addEventListener(
    'timeupdate',
    () => {
      const { duration, currentTime, playbackRate } = video;
      if (!Number.isFinite(duration) || duration <= 0 || playbackRate <= 0) return;
      mediaSession.setPositionState?.({ duration, playbackRate, position: Math.min(currentTime, duration) });
    },
    { signal },
  );
  signal.addEventListener('abort', () => {
    if (told === '') return;
    mediaSession.metadata = null;
    for (const [action] of handlers) setHandler(mediaSession, action, null);
  });
}

/** Browsers throw at actions they do not know. */
function setHandler(
  session: MediaSession,
  action: MediaSessionAction,
  handler: MediaSessionActionHandler | null,
): void {
  try {
    session.setActionHandler(action, handler);
  } catch {
    // That key is the browser's.
  }
}
