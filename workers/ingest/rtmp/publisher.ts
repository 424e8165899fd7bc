import type { PublishWish, TagType } from './session.ts';

/** An accepted publisher, as whoever takes its media sees it. */
export type Publisher = {
  address: string;
  agent: string;
  /** Ends the connection; `reason` goes to the encoder and to the log. */
  end(reason: string): void;
  /** Stops or lets go on reading from the encoder: TCP carries the pressure back to it. */
  pause(): void;
  resume(): void;
  /** To the encoder and back, ms; null while not known. Absent where nothing measures it. */
  roundTripMs?(): number | null;
  /** How long a process of its own that reads the encoder was held up since its beginning, ms. */
  heldUpMs?(): number;
};

/** Takes the media of one accepted publisher. */
export type MediaTaker = {
  onTag(type: TagType, timestampMs: number, body: Buffer): void;
  /** Once, whatever ended the connection. */
  onGone(reason: string): void;
};

/** A refusal is an answer: its sentence is told to the encoder. */
export type PublishAnswer = { ok: true; ingressId: string; taker: MediaTaker } | { ok: false; sentence: string };
export type AdmitPublisher = (wish: PublishWish, publisher: Publisher) => Promise<PublishAnswer>;
