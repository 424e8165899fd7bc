import type { IngestNote } from '#core/ingest/ingest-note';
import type { SignalHealth } from '#core/ingest/signal-health';
import type { EncodingWishes } from '../publish/encoding-wish.ts';

/**
 * What the ingest worker's main wires together: key look-up, state reports, and commands from LiveKit's bus.
 *
 *   const bus = openBus({ redisUrl, log });                                        // #bus/open-bus
 *   const keys = createKeyLookup({ bus, internalUrl, serviceSecret, log }); // service/keys.ts
 *   const reports = createIngestReports({ bus, internalUrl, serviceSecret, log }); // service/reports.ts
 *   const commands = createIngressCommands({ bus, log });                          // service/commands.ts
 */

/** Where an accepted encoder publishes. */
export type IngestTarget = {
  /** LiveKit's id, `IN_…`: the key of ListIngress and of the webhooks. */
  ingressId: string;
  roomName: string;
  /** Participant identity in the room; the same after a reconnect. */
  identity: string;
  /** Display name of the participant. */
  name: string;
  /** Set when the key is one of our channels'. */
  channelId: string | null;
  source: 'channel' | 'livekit';
  /** `participant_metadata` of the ingress; empty for none. */
  metadata: string;
  /** What the ingress sets for encoding; nulls let the stream decide. */
  wishes: EncodingWishes;
  /** What happens to a second encoder with the same key while the first one sends. */
  secondEncoder: SecondEncoder;
  /** What comes is recorded untouched: only of our channels, by their choice. */
  record: boolean;
};

/** `take-over`: the newest wins, once in ten seconds. `refuse`: the first stays until it is gone. */
export type SecondEncoder = 'take-over' | 'refuse';

export type IngestProtocol = 'rtmp' | 'whip' | 'srt' | 'url';

/**
 * `unknown`: no such key, a disabled ingress, a key that is not of this protocol, or too many wrong keys from this address (one
 * answer for all of them, so that a guesser learns nothing). `unavailable`: neither web nor LiveKit could be asked; let the
 * encoder try again. `refused`: the key is right, and the sentence says why it may not publish.
 */
export type KeyAnswer = IngestTarget | { refused: string } | 'unknown' | 'unavailable';

export type KeyLookup = {
  /**
   * @param address remote IP of the encoder, for the limiter of wrong keys
   * @returns within about 6 s at worst (3 s for web, 3 s for LiveKit); never throws
   */
  resolve(question: { streamKey: string; protocol: IngestProtocol; address: string }): Promise<KeyAnswer>;
  close(): void;
};

export type VideoFacts = {
  /** e.g. `video/h264`. */
  mimeType: string;
  width: number;
  height: number;
  fps: number;
  bitrateKbps: number;
};
export type AudioFacts = { mimeType: string; channels: number; sampleRate: number; bitrateKbps: number };

export type IngestState = 'idle' | 'connecting' | 'publishing' | 'failed';

/** Everything known now: each report replaces the one before. */
export type IngestReport = {
  state: IngestState;
  /** What was pulled came to its end: LiveKit's COMPLETE; only with `idle`. */
  isComplete?: boolean;
  protocol: IngestProtocol;
  /** For the studio: "OBS is connected: 1280x720, 30 fps." */
  sentence: string;
  /** The same for the studio in other languages; without it the sentence is shown. */
  note?: IngestNote | undefined;
  /** For LiveKit's `IngressState.error`; with `failed`, and with what keeps `connecting` from going on. */
  error?: string;
  video?: VideoFacts | null;
  audio?: AudioFacts | null;
  /** SID of the room (`RM_…`), when known. */
  roomId?: string;
};

export type IngestReports = {
  /** Never throws, never waits: the newest report of each ingress is sent with back-off until both sides took it. */
  report(target: IngestTarget, report: IngestReport): void;
  /** The signal of this second, for the studio; only the newest is kept, and one that cannot be sent is dropped. */
  health(target: IngestTarget, health: SignalHealth): void;
  /** Resolves when LiveKit took the newest report of this ingress, or cannot any more. */
  told(ingressId: string): Promise<void>;
  /** Resolves when everything was sent or `timeoutMs` has passed. */
  flush(timeoutMs: number): Promise<void>;
  close(): void;
};

export type IngressCommandHandlers = {
  /** LiveKit deleted the ingress or changed it: end the encoder's connection. Resolves when LiveKit knows of the end. `why` is for the log line. */
  end(why: 'deleted' | 'updated'): void | Promise<void>;
  /** What is true now, for the answer to LiveKit. */
  current(): IngestReport;
};

export type IngressCommands = {
  /** Serves `IngressHandler` for one live ingress; the returned function stops serving it. */
  serve(ingressId: string, handlers: IngressCommandHandlers): Promise<() => Promise<void>>;
  close(): Promise<void>;
};
