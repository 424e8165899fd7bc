import type { PushMedia } from '../flv-payload.ts';

/** Where one connection goes: the address was checked by the parent and is not looked up again. Holds secrets. */
export type SrtTarget = {
  address: string;
  port: number;
  streamId: string;
  passphrase: string;
  keyLength: 16 | 24 | 32;
  latencyMs: number;
};

/** To the process that sends over SRT, by IPC: secrets are in no argument and no environment. `attempt` numbers its connections. */
export type ToSrt =
  | { t: 'open'; attempt: number; target: SrtTarget; media: PushMedia }
  | { t: 'piece'; attempt: number; kind: 'video' | 'audio'; ms: number; key: boolean; data: Uint8Array }
  | { t: 'close'; attempt: number };

export type FromSrt =
  | { t: 'connected'; attempt: number }
  /** libsrt took the next piece, of this many bytes. */
  | { t: 'taken'; attempt: number; bytes: number }
  | { t: 'lost'; attempt: number };
