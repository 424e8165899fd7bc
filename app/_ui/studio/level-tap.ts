import { rmsDb } from '../primitives/meter-scale.ts';

/** Listens to a microphone track's level without playing it. */
export type LevelTap = {
  /** dBFS of the last 40 ms, or null while the browser keeps sound asleep (before the first press on a page). */
  read(): number | null;
  close(): void;
};

const SAMPLES = 2048;

/** Opens a tap; the track stays its owner's. A browser without Web Audio gives a tap that reads null. */
export function openLevelTap(track: MediaStreamTrack): LevelTap {
  if (typeof AudioContext === 'undefined') return { read: () => null, close: () => undefined };
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = SAMPLES;
  source.connect(analyser);
  const samples = new Float32Array(SAMPLES);
  const wake = () => void context.resume().catch(() => undefined);
  document.addEventListener('pointerdown', wake);
  document.addEventListener('keydown', wake);
  wake();
  return {
    read() {
      if (context.state !== 'running') return null;
      if (!track.enabled) return Number.NEGATIVE_INFINITY;
      analyser.getFloatTimeDomainData(samples);
      return rmsDb(samples);
    },
    close() {
      document.removeEventListener('pointerdown', wake);
      document.removeEventListener('keydown', wake);
      source.disconnect();
      void context.close().catch(() => undefined);
    },
  };
}
