import type { IngestProtocol } from '../service/ports.ts';
import type { StoreAnswer } from './piece-queue.ts';

/** Everything that is known of a recording now: each note replaces the one before. */
export type RecordingNote = {
  channelId: string;
  protocol: IngestProtocol;
  encoder: string;
  /** Since 1970. */
  startedAtMs: number;
  durationMs: number;
  /** Stored until now, headers included. */
  bytes: number;
  /** Samples by track: how long the head of the finished file will be. */
  samples: Record<string, number>;
  /** Media that was not stored, ms. */
  lostMs: number;
  /** Codecs that MP4 does not carry, or none. */
  leftOut: string[];
  /** Nothing more comes. */
  ended: boolean;
};

/** Port: where recordings go. Both throw when the other side is away. */
export type RecordingDesk = {
  note(recordingId: string, note: RecordingNote): Promise<StoreAnswer>;
  piece(recordingId: string, name: string, body: Uint8Array): Promise<StoreAnswer>;
};

const NOTE_TIMEOUT_MS = 3_000;
const PIECE_TIMEOUT_MS = 10_000;

/**
 * Recordings by way of the web process: this worker parses what strangers send, and has no key to storage of its own (reliability S-52).
 */
export function createRecordingDesk(deps: {
  internalUrl: string;
  serviceSecret: string;
  fetch?: typeof fetch;
}): RecordingDesk {
  async function put(path: string, type: string, body: BodyInit, timeoutMs: number): Promise<StoreAnswer> {
    const answer = await (deps.fetch ?? fetch)(new URL(`/api/internal/ingest/recordings/${path}`, deps.internalUrl), {
      method: 'PUT',
      headers: { authorization: `Bearer ${deps.serviceSecret}`, 'content-type': type },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    // An answer that is not read holds its connection.
    await answer.arrayBuffer().catch(() => undefined);
    if (answer.status === 409) return 'closed';
    if (!answer.ok) throw new Error(`web answered ${answer.status}`);
    return 'stored';
  }
  return {
    note: (id, note) => put(id, 'application/json', JSON.stringify(note), NOTE_TIMEOUT_MS),
    piece: (id, name, body) => put(`${id}/${name}`, 'video/mp4', new Uint8Array(body), PIECE_TIMEOUT_MS),
  };
}
