import { z } from 'zod';

/** What is made of a recording after the end, to be downloaded and to be looked at. */
export const RecordingFiles = z.object({
  /** `failed` = it is not tried again. */
  state: z.enum(['waiting', 'making', 'ready', 'failed']),
  /** 0 to 1. */
  progress: z.number(),
  /** Bytes; null = there is none (yet). */
  mp4Bytes: z.int().nullable(),
  audioBytes: z.int().nullable(),
  /** Whether the engine left these pictures. */
  thumbnail: z.boolean(),
  storyboard: z.boolean(),
});
export type RecordingFiles = z.infer<typeof RecordingFiles>;

/** What is known of a broadcast's stored media. */
export type RecordingRecord = {
  id: string;
  broadcastId: string;
  state: 'recording' | 'processing' | 'ready' | 'failed' | 'deleted';
  durationMs: number;
  sizeBytes: number;
  /** True when it was closed from what was stored, without the engine's end mark. */
  recovered: boolean;
  /** One sentence when something is missing, or null. */
  problem: string | null;
  /** Null until the recording is closed. */
  files: RecordingFiles | null;
};

/** Port: recordings, one a broadcast. */
export type RecordingStore = {
  get(broadcastId: string): Promise<RecordingRecord | null>;
  /** Sets or replaces; the id and the files of an existing one stay. */
  put(recording: Omit<RecordingRecord, 'files'>): Promise<void>;
  /** Notes how far its files are; nothing happens when there is no such recording. */
  putFiles(broadcastId: string, files: RecordingFiles): Promise<void>;
};
