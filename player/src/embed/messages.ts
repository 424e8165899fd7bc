import type { PlayerStatus } from '../core/phase.ts';

/** Version of the messages between a page and the player in its frame; each message carries it as `openair`. */
export const PROTOCOL = 1;

/** What a page may ask of the player; the answer's `value` is in brackets. */
export type EmbedCommands = {
  /** Opens the conversation: from now on statuses are told [the present one]. */
  hello: { args: []; value: PlayerStatus | null };
  play: { args: []; value: null };
  pause: { args: []; value: null };
  /** Media seconds, as in `status`. */
  seek: { args: [toS: number]; value: null };
  goLive: { args: []; value: null };
  /** Without a gesture in the frame a browser may refuse sound: then playback pauses, and the status says so. */
  setMuted: { args: [muted: boolean]; value: null };
  /** 0 to 1. */
  setVolume: { args: [volume: number]; value: null };
  /** `auto` or the id of one of `status.qualities`. */
  setQuality: { args: [id: string]; value: null };
  setDataSaver: { args: [on: boolean]; value: null };
  setAudioOnly: { args: [on: boolean]; value: null };
  /** Over WebRTC while there is a seat (`status.seat`); without effect where none are offered. */
  setLowestDelay: { args: [on: boolean]; value: null };
  /** Media seconds: the playhead and the ends of what can be sought in. */
  getPosition: { args: []; value: { positionS: number; startS: number; endS: number } };
  getStatus: { args: []; value: PlayerStatus | null };
};

export type CommandName = keyof EmbedCommands;

/** Page to frame. */
export type Ask = { openair: typeof PROTOCOL; id: number; do: string; args: unknown[] };
/** Frame to page: the answer to an ask. */
export type Answer = { openair: typeof PROTOCOL; id: number } & (
  | { ok: true; value: unknown }
  | { ok: false; error: { code: 'unknown-command' | 'bad-argument'; message: string } }
);
/** Frame to page: something has changed. */
export type Told = { openair: typeof PROTOCOL; event: 'status'; status: PlayerStatus };

function isOurs(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && 'openair' in data && data.openair === PROTOCOL;
}

/** Reads a message from a page; null when it is none of ours. */
export function readAsk(data: unknown): Ask | null {
  if (!isOurs(data) || typeof data.id !== 'number' || typeof data.do !== 'string') return null;
  return { openair: PROTOCOL, id: data.id, do: data.do, args: Array.isArray(data.args) ? data.args : [] };
}

/** Reads a message from the frame; null when it is none of ours. */
export function readReply(data: unknown): Answer | Told | null {
  if (!isOurs(data)) return null;
  if (data.event === 'status' && typeof data.status === 'object') return data as unknown as Told;
  return typeof data.id === 'number' && typeof data.ok === 'boolean' ? (data as unknown as Answer) : null;
}
