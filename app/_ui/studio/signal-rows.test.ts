import { expect, test } from 'vitest';
import { SignalHealth } from '#core/ingest/signal-health';
import { isPoor, signalRows } from './signal-rows.ts';

const health = SignalHealth.parse({
  encoder: 'OBS',
  onAir: 'primary',
  standby: false,
  video: {
    codec: 'H.264',
    profile: 'High',
    width: 1280,
    height: 720,
    fps: 29.97,
    bitrateKbps: 3_104,
    keyIntervalMs: 2_000,
  },
  audio: { codec: 'AAC', channels: 2, sampleRate: 48_000, bitrateKbps: 160, peakDb: -8.6, rmsDb: -20, tracks: 1 },
  mode: 'copy',
  reason: '',
  cores: 0.062,
  droppedPictures: 0,
  lateTags: 0,
  lagMs: 3,
  roundTripMs: 21.4,
  notes: [],
});

test('figures are in the reader’s language, and troubles that are none are left out', () => {
  expect(Object.fromEntries(signalRows(health, 'en').map(({ name, value }) => [name, value]))).toEqual({
    picture: '1280×720, 30 fps',
    codec: 'H.264 High',
    bitrate: '3,104 kbit/s',
    keyframes: '2 s',
    sound: '-9 dB, AAC',
    roundTrip: '21 ms',
    processor: '0.06',
  });
  expect(signalRows(health, 'de').find(({ name }) => name === 'bitrate')?.value).toBe('3.104 kbit/s');
});

test('what was late or left out is told, silence is, and what is not known is not', () => {
  const { video, audio } = health;
  const trouble: SignalHealth = {
    ...health,
    video: video && { ...video, width: 0, fps: 0, bitrateKbps: 0, keyIntervalMs: 0 },
    audio: audio && { ...audio, peakDb: -90 },
    roundTripMs: null,
    lateTags: 12,
    droppedPictures: 3,
  };
  const rows = Object.fromEntries(signalRows(trouble, 'en').map(({ name, value }) => [name, value]));
  expect(rows).toEqual({ codec: 'H.264 High', sound: '−∞ dB, AAC', late: '12', dropped: '3', processor: '0.06' });
  expect(signalRows({ ...health, video: null, audio: null }, 'en').map(({ name }) => name)).not.toContain('sound');
});

test('a signal is poor when viewers see or hear it, not for a remark', () => {
  expect(isPoor(undefined)).toBe(false);
  expect(isPoor({ ...health, notes: [{ id: 'silent', level: 'warn', sentence: 'Silent.' }] })).toBe(false);
  expect(isPoor({ ...health, notes: [{ id: 'network-too-slow', level: 'bad', sentence: 'Late.' }] })).toBe(true);
});
