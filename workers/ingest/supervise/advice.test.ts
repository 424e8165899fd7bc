import { expect, test } from 'vitest';
import { SignalHealth } from '#core/ingest/signal-health';
import { decide, type PictureFacts } from '../publish/decide.ts';
import type { StreamFacts } from '../publish/wire.ts';
import { causeOf, RULES } from './advice.ts';
import { type OurPart, SignalWatch } from './signal-watch.ts';

const good: StreamFacts = {
  video: {
    codec: 'H.264',
    profile: 'High',
    width: 1280,
    height: 720,
    fps: 30,
    bitrateKbps: 3_000,
    keyIntervalMs: 2_000,
  },
  audio: { codec: 'AAC', channels: 2, sampleRate: 48_000, bitrateKbps: 160, peakDb: -9, rmsDb: -20, tracks: 1 },
  mode: 'copy',
  reason: '',
  advice: '',
  lacksProcessor: false,
  encoder: 'OBS',
  fpsTold: 30,
  fpsSeen: 30,
  droppedPictures: 0,
  lateTags: 0,
  lagMs: 4,
  lateMs: 20,
  heldUpMs: 0,
  cores: 0.07,
};
const place = { encoder: 'OBS', onAir: 'primary' as const, standby: false, roundTripMs: 12.5 };
const { video, audio } = good;
if (!video || !audio) throw new Error('the good signal has both');

const heldUp = (...heldUpMs: number[]): OurPart => ({ heldUpMs, recording: null });

/** So many seconds of a signal. */
function watch(
  facts: (second: number) => StreamFacts,
  seconds: number,
  at = place,
  ours: (second: number) => OurPart = () => heldUp(0, 0),
): SignalHealth {
  const signal = new SignalWatch();
  let health: SignalHealth | null = null;
  for (let second = 1; second <= seconds; second += 1) health = signal.next(facts(second), at, ours(second));
  if (!health) throw new Error('nothing was watched');
  return SignalHealth.parse(health);
}

test('a good signal gets no remark, however long it lasts', () => {
  expect(watch(() => good, 120).notes).toEqual([]);
});

const stand = (waitsMs: number, lostMs: number) => (): OurPart => ({ heldUpMs: [], recording: { waitsMs, lostMs } });

const CASES: [string, (second: number) => StreamFacts, number, RegExp, typeof place?, (() => OurPart)?][] = [
  [
    'codec-not-supported',
    () => ({ ...good, mode: null, reason: 'VP6 is not supported', advice: 'Set the video codec to H.264.' }),
    1,
    /VP6 is not supported\. Set the video codec/,
  ],
  [
    'network-too-slow',
    (s) => ({ ...good, lateTags: s * 40, lateMs: 900 }),
    3,
    /does not carry 3\.0 Mbit\/s.* about 2\.1 Mbit\/s/,
  ],
  [
    'server-held-up',
    (s) => ({ ...good, lateTags: s * 40, lateMs: 1_400, heldUpMs: 700 }),
    3,
    /this server has too much to do: it was held up for 2\.1 of the last 5 s\. The network is not the cause/,
  ],
  ['encoder-too-slow', () => ({ ...good, fpsSeen: 21 }), 5, /Only 21 of 30 pictures/],
  ['server-too-slow', (s) => ({ ...good, mode: 'transcode', droppedPictures: s * 3 }), 3, /too slow to transcode/],
  ['no-sound', () => ({ ...good, audio: null }), 4, /choose an audio device/],
  ['silent', () => ({ ...good, audio: { ...audio, peakDb: -96, rmsDb: -96 } }), 15, /microphone is muted/],
  ['too-loud', () => ({ ...good, audio: { ...audio, peakDb: 0, rmsDb: -3 } }), 3, /distorts/],
  ['no-picture', () => ({ ...good, video: null, mode: null }), 4, /Only sound/],
  ['backup-on-air', () => good, 1, /nothing comes from the primary/, { ...place, onAir: 'backup' as never }],
  [
    'no-processor',
    () => ({ ...good, mode: null, reason: 'this server has no processor left', lacksProcessor: true }),
    1,
    /no picture: this server has no processor left\. It begins by itself/,
  ],
  [
    'copied-for-want-of-processor',
    () => ({
      ...good,
      video: { ...video, keyIntervalMs: 8_000 },
      reason: 'this server has no processor left',
      lacksProcessor: true,
    }),
    1,
    /waits up to 8 s for the picture/,
  ],
  ['recording-waits', () => good, 1, /has not answered for 12 s.*kept in memory/, place, stand(12_300, 0)],
  ['recording-has-gap', () => good, 1, /a gap of 4 s/, place, stand(90_000, 4_100)],
  [
    'transcoded',
    () => ({ ...good, mode: 'transcode', reason: 'it has B-frames', advice: 'Set B-frames to 0.' }),
    1,
    /because it has B-frames\. Set B-frames to 0\./,
  ],
  ['several-sound-tracks', () => ({ ...good, audio: { ...audio, tracks: 3 } }), 1, /3 sound tracks/],
];

test.each(CASES)('%s is told with its cause and what mends it', (id, facts, seconds, words, at, ours) => {
  const health = watch(facts, seconds, at, ours);
  expect(health.notes.find((note) => note.id === id)?.sentence).toMatch(words);
  if (seconds > 1) expect(watch(facts, seconds - 1, at).notes.map((note) => note.id)).not.toContain(id);
});

test('every rule of the table has a case, and a passing trouble is forgotten', () => {
  expect(CASES.map(([id]) => id).sort()).toEqual(RULES.map((rule) => rule.id).sort());
  const passing = watch((s) => (s < 6 ? { ...good, lagMs: 900 } : good), 7);
  expect(passing.notes).toEqual([]);
});

test('the network is not blamed for what a process here was late, whichever of them it was', () => {
  const late = (heldUpMs: number) => (s: number) => ({ ...good, lateTags: s, lateMs: 1_500, heldUpMs });
  const about = (health: SignalHealth) => health.notes.map((note) => note.id);
  expect(about(watch(late(0), 4, place, (s) => heldUp(s * 600, 0)))).toEqual(['server-held-up']);
  expect(about(watch(late(0), 4, place, (s) => heldUp(7_000, s * 600)))).toEqual(['server-held-up']);
  expect(about(watch(late(600), 4))).toEqual(['server-held-up']);
  // What was before the encoder came, and a little of what every process waits, is no reason.
  expect(about(watch(late(40), 4, place, () => heldUp(90_000, 90_000)))).toEqual(['network-too-slow']);
  // What waited at the encoder while we were held up comes in the seconds after.
  const once = (s: number) => ({ ...good, lateTags: s, lateMs: 1_500, heldUpMs: s === 3 ? 1_400 : 0 });
  expect(about(watch(once, 5))).toEqual(['server-held-up']);
  expect(about(watch(once, 8))).toEqual(['network-too-slow']);
});

test('an encoder that could not send because we were held up is not called overloaded', () => {
  const few = (heldUpMs: number) => () => ({ ...good, fpsSeen: 21, heldUpMs });
  expect(watch(few(300), 8).notes.map((note) => note.id)).not.toContain('encoder-too-slow');
  expect(watch(few(0), 8).notes.map((note) => note.id)).toContain('encoder-too-slow');
});

test('whatever the media process decides has a cause that is known in every language', () => {
  const sps = { reorderFrames: 0, chromaFormat: 1, bitDepth: 8, interlaced: false } as NonNullable<PictureFacts['sps']>;
  const plain: PictureFacts = {
    ...{ codec: 'h264', codecName: 'H.264', sps, sawReordering: false },
    ...{ keysAreRare: false, keyIntervalMs: 2_000, mustTranscode: false },
  };
  const cases: [Partial<PictureFacts>, string][] = [
    [{ codec: 'other', codecName: 'VP6' }, 'codec'],
    [{ codec: 'hevc', codecName: 'HEVC' }, 'codec'],
    [{ mustTranscode: true }, 'own-encoding'],
    [{ sawReordering: true }, 'b-frames'],
    [{ keysAreRare: true, keyIntervalMs: 8_300 }, 'key-frames'],
    [{ sps: { ...sps, bitDepth: 10 } }, 'colour'],
    [{ sps: { ...sps, interlaced: true } }, 'interlaced'],
  ];
  for (const [change, cause] of cases) expect(causeOf(decide({ ...plain, ...change }))).toBe(cause);
});
