import type { Logger } from 'pino';
import type { TargetRules } from '../../../target.ts';
import type { PushMedia } from './flv-payload.ts';
import type { QueuedPacket } from './gop-queue.ts';

export type ConnectionEvents = {
  /** The peer lets us publish and knows what will come: media may follow. */
  onPublishing(): void;
  /** The end, once; `code` as push-error.ts knows them. */
  onClosed(code: string): void;
  /** There is room for more. */
  onDrain(): void;
};

/** One connection to one destination, from look-up to close, over RTMP or SRT. */
export type PushConnection = {
  /** @param ms on the connection's own clock, from 0 */
  send(packet: QueuedPacket, ms: number): void;
  /** Bytes that the destination took, as far as this side can know. */
  readonly takenBytes: number;
  /** False while enough is under way: what comes then waits in the queue, where it can be cut. */
  readonly hasRoom: boolean;
  /** Ends politely, for at most half a second. No `onClosed` follows. */
  finish(): Promise<void>;
};

export type DialOptions = {
  /** What the connection will carry; told to the peer at its start. */
  media: PushMedia;
  targets: TargetRules | undefined;
  /** Certificates of authorities (PEM) in place of the system's; for tests with an authority of their own. */
  trusted?: string[];
  log: Logger;
};

/** Makes a destination's connections, one after the other. */
export type PushDialer = {
  connect(events: ConnectionEvents): PushConnection;
  /** The destination is removed: whatever outlived its connections goes too. */
  dispose(): void;
};

/** Nothing taken for so long although something waits = the destination hangs (R-17, E12). */
export const HUNG_MS = 12_000;
