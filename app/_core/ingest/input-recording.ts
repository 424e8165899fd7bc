import { z } from 'zod';
import { IngestProtocol } from '#core/broadcast/news';

/**
 * `recording`: the ingest worker stores pieces. `processing`: one file is being made of them. `failed`: that cannot be done, and is not
 * tried again.
 */
export const INPUT_RECORDING_STATES = ['recording', 'processing', 'ready', 'failed'] as const;
export type InputRecordingState = (typeof INPUT_RECORDING_STATES)[number];

/** What an encoder sent, untouched: recorded at the door, beside every show. */
export type InputRecording = {
  id: string;
  channelId: string;
  state: InputRecordingState;
  protocol: IngestProtocol;
  encoder: string;
  startedAt: Date;
  durationMs: number;
  /** Of the pieces while it is recorded, of the file once it is ready. */
  sizeBytes: number;
  /** Samples by track, as last told. */
  samples: Record<string, number>;
  /** Media that could not be stored, ms. */
  lostMs: number;
  /** Codecs that were left out. */
  leftOut: string[];
  /** True when the worker that recorded it fell silent and it was closed from what was stored. */
  recovered: boolean;
  /** When its worker last told of it. */
  heardAt: Date;
};

export const INPUT_RECORDING_ID = z.string().regex(/^ir_[A-Za-z0-9]{20,40}$/);

const count = z.int().min(0);
/** What the ingest worker tells every few seconds; each note replaces the one before. */
export const InputRecordingNote = z.strictObject({
  channelId: z.string().min(1).max(64),
  protocol: IngestProtocol,
  encoder: z.string().max(120),
  startedAtMs: count,
  durationMs: count,
  bytes: count,
  samples: z.record(z.string().max(24), count),
  lostMs: count,
  leftOut: z.array(z.string().max(40)).max(16),
  ended: z.boolean(),
});
export type InputRecordingNote = z.infer<typeof InputRecordingNote>;

/** Track and file as the worker names them; no way out of the recording's folder. */
export const PIECE_NAME = /^(video|audio(-[1-9])?)\/(init-\d{1,6}\.mp4|\d{4,6}-\d{8,10}\.m4s)$/;

/** Where all of them lie in the bucket. */
export const INPUTS = 'inputs/';
/** Keys in the bucket. */
export const inputKeys = {
  folder: (id: string) => `${INPUTS}${id}/`,
  piece: (id: string, name: string) => `${INPUTS}${id}/${name}`,
  file: (id: string) => `${INPUTS}${id}/input.mp4`,
};

/** Whose folder this is; null for what is none of ours. */
export function inputIdOf(folder: string): string | null {
  const id = folder.slice(INPUTS.length).replace(/\/$/, '');
  return folder.startsWith(INPUTS) && INPUT_RECORDING_ID.safeParse(id).success ? id : null;
}

export type InputRecordingChange = Partial<Pick<InputRecording, 'state' | 'durationMs' | 'sizeBytes' | 'recovered'>>;

/** Port: recordings of inputs. */
export type InputRecordingStore = {
  /**
   * Makes or updates one that is being recorded.
   * @returns false when it is closed, or its channel is gone: nothing was changed
   */
  note(id: string, note: InputRecordingNote, heardAt: Date): Promise<boolean>;
  get(id: string): Promise<InputRecording | null>;
  /** Newest first. */
  find(which: { channelId: string } | { states: readonly InputRecordingState[] }): Promise<InputRecording[]>;
  /** @param from only when it is in this state @returns whether it was */
  change(id: string, from: InputRecordingState, change: InputRecordingChange): Promise<boolean>;
  /** Removing what is not there succeeds. */
  remove(id: string): Promise<void>;
};
