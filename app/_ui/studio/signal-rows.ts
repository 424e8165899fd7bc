import type { SignalHealth } from '#core/ingest/signal-health';

export type SignalRow = {
  name: 'picture' | 'codec' | 'bitrate' | 'keyframes' | 'sound' | 'roundTrip' | 'late' | 'dropped' | 'processor';
  value: string;
};

/** Quieter than this is silence, dB. */
const SILENCE_DB = -60;

/** What comes in at this second, in figures of the reader's language; what is not known, and troubles that are none, are left out. */
export function signalRows(health: SignalHealth, locale: string): SignalRow[] {
  const { video, audio, roundTripMs, lateTags, droppedPictures, cores } = health;
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  const rows: SignalRow[] = [];
  const row = (name: SignalRow['name'], ...parts: (string | false | null)[]) => {
    const value = parts.filter(Boolean).join(', ');
    if (value) rows.push({ name, value });
  };
  if (video) {
    row('picture', video.width > 0 && `${video.width}×${video.height}`, video.fps > 0 && `${number(video.fps, 1)} fps`);
    row('codec', `${video.codec} ${video.profile}`.trim());
    row('bitrate', video.bitrateKbps > 0 && `${number(video.bitrateKbps)} kbit/s`);
    row('keyframes', video.keyIntervalMs > 0 && `${number(video.keyIntervalMs / 1000, 1)} s`);
  }
  if (audio) {
    const { peakDb } = audio;
    row('sound', peakDb !== null && (peakDb > SILENCE_DB ? `${number(peakDb)} dB` : '−∞ dB'), audio.codec);
  }
  row('roundTrip', roundTripMs !== null && `${number(roundTripMs)} ms`);
  row('late', lateTags > 0 && number(lateTags));
  row('dropped', droppedPictures > 0 && number(droppedPictures));
  row('processor', `${number(cores, 2)}`);
  return rows;
}

/** Whether something is said of the signal that viewers see or hear. */
export function isPoor(health: SignalHealth | undefined): boolean {
  return health?.notes.some(({ level }) => level === 'bad') ?? false;
}
