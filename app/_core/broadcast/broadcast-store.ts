import type { Program, Scene } from '#core/scene/scene';
import type { Broadcast, BroadcastState } from './broadcast.ts';

/** What an update may change: never the id, the channel or the playback id. */
export type BroadcastPatch = Partial<
  Omit<BroadcastRecord, 'id' | 'channelId' | 'playbackId' | 'version' | 'createdAt' | 'hasRecording'>
>;

/** A broadcast with what only the control worker and the studio need to know. */
export type BroadcastRecord = Broadcast & {
  /** The host chose to be live on the slate, before any picture. */
  openOnSlate: boolean;
  /** As the host arranged it; written into the room's metadata. */
  scene: Scene;
  /** Fixed while on air. */
  program: Program;
  /** Grants of a lower epoch are dead. */
  grantEpoch: number;
  /** Hash of the password that viewers give; null where none is asked for. */
  passwordHash: string | null;
  /** Since when no source is on air, null while one is. */
  interruptedAt: Date | null;
  /** Starts of an egress that came to nothing in a row; drives the back-off. */
  egressAttempts: number;
  /** No new start before this moment; doubles as the claim of whoever is starting one. */
  egressRetryAt: Date | null;
  hasRecording: boolean;
};

/** Port: the broadcasts' records. Every change names the version and the states it may come from, so end states stay final. */
export type BroadcastStore = {
  add(broadcast: BroadcastRecord): Promise<void>;
  get(id: string): Promise<BroadcastRecord | null>;
  /** Newest first (coming ones: soonest first). */
  find(query: BroadcastQuery): Promise<BroadcastRecord[]>;
  /**
   * Changes one record if it still has `version` and one of `from`.
   * @returns the new record, or null when somebody else was first or the state is another
   * @throws AppError 'conflict' when another broadcast of the channel is airing
   */
  update(
    id: string,
    seen: { version: number; from: readonly BroadcastState[] },
    patch: BroadcastPatch,
  ): Promise<BroadcastRecord | null>;
};

export type BroadcastQuery = {
  channelId?: string;
  states?: readonly BroadcastState[];
  /** Only those that somebody asked to start. */
  startRequested?: boolean;
  /** Only those listed to everyone. */
  publicOnly?: boolean;
  endedAfter?: Date;
  order?: 'newest' | 'soonest';
  limit: number;
};
