import type { SignalCause, SignalHealth, SignalNote } from '#core/ingest/signal-health';
import type { StreamFacts } from '../publish/wire.ts';
import type { RecordingStand } from '../record/recording.ts';

/** What the rules look at: one second's facts, and what the seconds before have summed up to. */
export type Seen = {
  facts: StreamFacts;
  health: Omit<SignalHealth, 'notes'>;
  /** Seconds since the encoder's first media. */
  forS: number;
  /** Seconds in a row that the sound was below −60 dB, distorted, too few pictures came, or media came late. */
  silentS: number;
  loudS: number;
  slowS: number;
  lateS: number;
  /** How late the latest media of this second came, and how long the processes here were held up in the last five seconds, ms. */
  lateMs: number;
  heldUpMs: number;
  /** Of what comes in, where it is recorded. */
  recording: RecordingStand | null;
  /** Pictures left out here in the last ten seconds. */
  droppedLately: number;
};

type Rule = {
  id: string;
  level: SignalNote['level'];
  when(seen: Seen): boolean;
  say(seen: Seen): string;
  /** For words in another language. */
  values?(seen: Seen): SignalNote['values'];
};

const SETTLED_S = 4;
/** Storage that takes nothing for so long is told of, ms. */
const STORAGE_AWAY_MS = 6_000;
/** Media waits in front of a process that is held up: from this share of its lateness on, that is the cause. */
const OWN_SHARE = 0.75;
/** Seconds over which hold-ups are summed: what waited meanwhile, at the encoder too, takes some time to come. */
export const HELD_UP_OVER_S = 5;

/** Causes and advice, the gravest first. */
export const RULES: readonly Rule[] = [
  {
    id: 'codec-not-supported',
    level: 'bad',
    when: ({ facts }) => facts.video !== null && facts.mode === null && facts.reason !== '' && !facts.lacksProcessor,
    say: ({ facts }) => `There is no picture: ${facts.reason}. ${facts.advice}`,
    values: ({ facts }) => ({ codec: facts.video?.codec ?? '', cause: causeOf(facts) }),
  },
  {
    id: 'no-processor',
    level: 'bad',
    when: ({ facts }) => facts.lacksProcessor && facts.mode === null,
    say: ({ facts }) => `There is no picture: ${facts.reason}. It begins by itself when there is. ${facts.advice}`,
    values: ({ facts }) => ({ cause: causeOf(facts) }),
  },
  {
    id: 'network-too-slow',
    level: 'bad',
    when: (seen) => seen.lateS >= 3 && !isOurs(seen),
    say: ({ health }) =>
      health.video && health.video.bitrateKbps > 0
        ? `The signal arrives late: the network does not carry ${rate(health.video.bitrateKbps)}. Lower the bitrate to about ${rate(health.video.bitrateKbps * 0.7)}, or use a cable instead of Wi-Fi.`
        : 'The signal arrives late: the network between the encoder and this server is too slow.',
    values: ({ health }) => ({
      rate: megabits(health.video?.bitrateKbps ?? 0),
      lower: megabits((health.video?.bitrateKbps ?? 0) * 0.7),
    }),
  },
  {
    id: 'server-held-up',
    level: 'bad',
    when: (seen) => seen.lateS >= 3 && isOurs(seen),
    say: (seen) =>
      `The signal is taken late because this server has too much to do: it was held up for ${heldUp(seen)} of the last ${HELD_UP_OVER_S} s. The network is not the cause. End other work on the server, or give it more processor.`,
    values: (seen) => ({ seconds: heldUp(seen), of: HELD_UP_OVER_S }),
  },
  {
    id: 'encoder-too-slow',
    level: 'bad',
    when: ({ slowS }) => slowS >= 5,
    say: ({ facts, health }) =>
      `Only ${Math.round(health.video?.fps ?? 0)} of ${Math.round(facts.fpsTold)} pictures a second come: the encoder's computer is overloaded. Choose a faster preset or a smaller resolution there.`,
    values: ({ facts, health }) => ({ number: Math.round(health.video?.fps ?? 0), of: Math.round(facts.fpsTold) }),
  },
  {
    id: 'server-too-slow',
    level: 'bad',
    when: ({ droppedLately }) => droppedLately > 5,
    say: ({ facts }) =>
      `This server is too slow to transcode: pictures are left out. ${facts.advice || 'Send H.264 without B-frames and a key frame every 2 s.'}`,
    values: ({ facts }) => ({ cause: causeOf(facts) }),
  },
  {
    id: 'copied-for-want-of-processor',
    level: 'warn',
    when: ({ facts }) => facts.lacksProcessor && facts.mode === 'copy',
    say: ({ facts, health }) =>
      `Whoever joins waits up to ${Math.round((health.video?.keyIntervalMs ?? 0) / 1000)} s for the picture: key frames are that far apart, and ${facts.reason}. ${facts.advice}`,
    values: ({ facts, health }) => ({
      seconds: Math.round((health.video?.keyIntervalMs ?? 0) / 1000),
      cause: causeOf(facts),
    }),
  },
  {
    id: 'no-sound',
    level: 'warn',
    when: ({ facts, forS }) => facts.audio === null && forS >= SETTLED_S,
    say: () => 'No sound comes in: choose an audio device in the encoder.',
  },
  {
    id: 'silent',
    level: 'warn',
    when: ({ silentS }) => silentS >= 15,
    say: () => 'The sound is silent: see whether the microphone is muted in the encoder.',
  },
  {
    id: 'too-loud',
    level: 'warn',
    when: ({ loudS }) => loudS >= 3,
    say: () => 'The sound is too loud and distorts: lower it until the meter stays below −6 dB.',
  },
  {
    id: 'no-picture',
    level: 'warn',
    when: ({ facts, forS }) => facts.video === null && forS >= SETTLED_S,
    say: () => 'Only sound comes in. If there should be a picture, check the video source in the encoder.',
  },
  {
    id: 'backup-on-air',
    level: 'warn',
    when: ({ health }) => health.onAir === 'backup',
    say: ({ health }) =>
      health.standby
        ? 'The backup encoder is on air; the primary one is back and takes over when it has been steady for 10 s.'
        : 'The backup encoder is on air: nothing comes from the primary one.',
    values: ({ health }) => ({ standby: health.standby ? 'yes' : 'no' }),
  },
  {
    id: 'recording-waits',
    level: 'warn',
    when: ({ recording }) => recording !== null && recording.waitsMs > STORAGE_AWAY_MS && recording.lostMs === 0,
    say: (seen) =>
      `The recording waits: the media store has not answered for ${waited(seen)} s. What comes is kept in memory and stored when it is back; the show goes on.`,
    values: (seen) => ({ seconds: waited(seen) }),
  },
  {
    id: 'recording-has-gap',
    level: 'warn',
    when: ({ recording }) => recording !== null && recording.lostMs > 0,
    say: (seen) =>
      `The recording has a gap of ${lost(seen)} s: the media store did not answer for longer than memory lasts. The show goes on.`,
    values: (seen) => ({ seconds: lost(seen) }),
  },
  {
    id: 'transcoded',
    level: 'info',
    when: ({ facts }) => facts.mode === 'transcode' && facts.advice !== '',
    say: ({ facts }) => `The picture is transcoded because ${facts.reason}. ${facts.advice}`,
    values: ({ facts }) => ({ cause: causeOf(facts), codec: facts.video?.codec ?? '' }),
  },
  {
    id: 'several-sound-tracks',
    level: 'info',
    when: ({ facts }) => (facts.audio?.tracks ?? 0) > 1,
    say: ({ facts }) => `${facts.audio?.tracks ?? 0} sound tracks come in; the first one is heard.`,
    values: ({ facts }) => ({ count: facts.audio?.tracks ?? 0 }),
  },
];

/** Everything there is to say of a signal, the gravest first. */
export function adviseOn(seen: Seen): SignalNote[] {
  return RULES.filter((rule) => rule.when(seen)).map((rule) => ({
    id: rule.id,
    level: rule.level,
    sentence: rule.say(seen).trim(),
    ...(rule.values && { values: rule.values(seen) }),
  }));
}

/** The media process says what to change in words; each of them has one cause. */
const ADVICE: readonly [RegExp, SignalCause][] = [
  [/video codec/, 'codec'],
  [/B-frames/, 'b-frames'],
  [/keyframe interval/, 'key-frames'],
  [/colour format/, 'colour'],
  [/progressive/, 'interlaced'],
];

/** Why the picture is not passed on as it comes: what would mend it, or without such the ingress's own wish. */
export function causeOf({ advice }: Pick<StreamFacts, 'advice'>): SignalCause {
  return ADVICE.find(([words]) => words.test(advice))?.[1] ?? 'own-encoding';
}

/** Lateness is measured by our own clock when we read: what we were late ourselves is not the network's. */
function isOurs({ lateMs, heldUpMs }: Pick<Seen, 'lateMs' | 'heldUpMs'>): boolean {
  return heldUpMs > 0 && heldUpMs >= lateMs * OWN_SHARE;
}

const waited = ({ recording }: Seen) => Math.round((recording?.waitsMs ?? 0) / 1000);
const lost = ({ recording }: Seen) => Math.max(1, Math.round((recording?.lostMs ?? 0) / 1000));
/** Seconds with one digit. */
const heldUp = ({ heldUpMs }: Pick<Seen, 'heldUpMs'>) => Math.round(heldUpMs / 100) / 10;
const megabits = (kbps: number) => Math.round(kbps / 100) / 10;

function rate(kbps: number): string {
  return `${megabits(kbps).toFixed(1)} Mbit/s`;
}
