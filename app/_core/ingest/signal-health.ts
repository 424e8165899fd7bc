import { z } from 'zod';

/** Why a picture cannot be passed on as it comes. */
export const SIGNAL_CAUSES = ['codec', 'b-frames', 'key-frames', 'colour', 'interlaced', 'own-encoding'] as const;
export type SignalCause = (typeof SIGNAL_CAUSES)[number];

/** One remark on an encoder's signal: what is seen, and what mends it. */
export const SignalNote = z.strictObject({
  /** Stable name, for programs and translations. */
  id: z.string().max(40),
  level: z.enum(['info', 'warn', 'bad']),
  /** In English, for those who have no words of their own for it. */
  sentence: z.string().max(300),
  /** What the words are about; `cause` is one of `SIGNAL_CAUSES`, rates are in Mbit/s. */
  values: z.record(z.string().max(20), z.union([z.string().max(120), z.number()])).optional(),
});
export type SignalNote = z.infer<typeof SignalNote>;

const figure = z.number().min(0).max(1e9);
const decibels = z.number().min(-200).max(10).nullable();

/** How an encoder's signal is, told every second while it sends. */
export const SignalHealth = z.strictObject({
  encoder: z.string().max(120),
  /** Which of the channel's two encoders is on air, and whether the other one stands by. */
  onAir: z.enum(['primary', 'backup']),
  standby: z.boolean(),
  video: z
    .strictObject({
      codec: z.string().max(40),
      profile: z.string().max(40),
      width: figure,
      height: figure,
      fps: figure,
      bitrateKbps: figure,
      /** Between key frames, ms; 0 while not known. */
      keyIntervalMs: figure,
    })
    .nullable(),
  audio: z
    .strictObject({
      codec: z.string().max(40),
      channels: figure,
      sampleRate: figure,
      bitrateKbps: figure,
      peakDb: decibels,
      rmsDb: decibels,
      tracks: figure,
    })
    .nullable(),
  /** What is done with the picture, and why it costs more than passing it on. */
  mode: z.enum(['copy', 'transcode']).nullable(),
  reason: z.string().max(300),
  /** Processor that this ingest takes here, in cores. */
  cores: figure,
  /** Pictures left out here, tags that came late, since the encoder connected. */
  droppedPictures: figure,
  lateTags: figure,
  /** How far the newest media lags behind its clock, ms; and the round trip, where the encoder answers. */
  lagMs: z.number().min(-1e9).max(1e9),
  roundTripMs: figure.nullable(),
  notes: z.array(SignalNote).max(20),
});
export type SignalHealth = z.infer<typeof SignalHealth>;
