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
};

/** Port: recordings, one a broadcast. */
export type RecordingStore = {
  get(broadcastId: string): Promise<RecordingRecord | null>;
  /** Sets or replaces; the id of an existing one stays. */
  put(recording: RecordingRecord): Promise<void>;
};
