import { resolveTarget } from '../../../../target.ts';
import { unwrapped } from '../flv-payload.ts';
import type { QueuedPacket } from '../gop-queue.ts';
import type { SrtAddress } from '../push-address.ts';
import {
  type ConnectionEvents,
  type DialOptions,
  HUNG_MS,
  type PushConnection,
  type PushDialer,
} from '../push-connection.ts';
import type { FromSrt } from './srt-messages.ts';
import { SrtProcess } from './srt-process.ts';

/** Connecting takes 5 s at most, starting the process about one on a busy machine. */
const OPEN_LIMIT_MS = 15_000;
const WATCH_MS = 1000;
/** Given to the process ahead of what it has taken: small, so that the backlog is where it can be cut. */
const AHEAD_BYTES = 128 * 1024;
/** libsrt's words come through another pipe than the message that the connection is lost. */
const SAID_MS = 100;

/**
 * SRT for one destination, in a process of its own that lives as long as the destination does and is replaced when it crashes or hangs.
 * One for each, not one for all: a hanging libsrt can only be ended by killing its process, which must take nobody else along.
 */
export class SrtDialer implements PushDialer {
  readonly #target: SrtAddress;
  readonly #options: DialOptions;
  #process: SrtProcess | null = null;
  #connection: SrtConnection | null = null;
  #attempts = 0;

  constructor(target: SrtAddress, options: DialOptions) {
    this.#target = target;
    this.#options = options;
  }

  connect(events: ConnectionEvents): PushConnection {
    const place = { attempt: ++this.#attempts, target: this.#target, options: this.#options };
    this.#connection = new SrtConnection(place, () => this.#running(), events);
    return this.#connection;
  }

  dispose(): void {
    this.#process?.release();
    this.#process = null;
  }

  #running(): SrtProcess {
    if (this.#process) return this.#process;
    const process: SrtProcess = new SrtProcess({
      message: (message) => this.#connection?.receive(message),
      gone: () => {
        if (this.#process === process) this.#process = null;
        this.#connection?.processGone();
      },
    });
    this.#options.log.debug({ pid: process.pid, host: this.#target.host }, 'srt: process started');
    this.#process = process;
    return process;
  }
}

type Stage = 'opening' | 'publishing' | 'closed';

type Place = { attempt: number; target: SrtAddress; options: DialOptions };

class SrtConnection implements PushConnection {
  readonly #place: Place;
  readonly #running: () => SrtProcess;
  readonly #events: ConnectionEvents;
  #process: SrtProcess | null = null;
  #stage: Stage = 'opening';
  #sent = 0;
  #taken = 0;
  #takenAtMs = performance.now();
  #limit: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(place: Place, running: () => SrtProcess, events: ConnectionEvents) {
    this.#place = place;
    this.#running = running;
    this.#events = events;
    void this.#open();
  }

  get takenBytes(): number {
    return this.#taken;
  }

  get hasRoom(): boolean {
    return this.#stage === 'publishing' && this.#sent - this.#taken < AHEAD_BYTES;
  }

  send({ kind, key, payload }: QueuedPacket, ms: number): void {
    const data = unwrapped(kind, payload);
    this.#sent += data.length;
    this.#process?.send({ t: 'piece', attempt: this.#place.attempt, kind, ms, key, data });
  }

  async finish(): Promise<void> {
    if (this.#stage === 'closed') return;
    this.#stop();
    this.#process?.send({ t: 'close', attempt: this.#place.attempt });
  }

  receive(message: FromSrt): void {
    if (message.attempt !== this.#place.attempt || this.#stage === 'closed') return;
    if (message.t === 'connected') this.#begin();
    else if (message.t === 'taken') {
      this.#taken += message.bytes;
      this.#takenAtMs = performance.now();
      this.#events.onDrain();
    } else setTimeout(() => this.#close(this.#whyLost()), SAID_MS);
  }

  processGone(): void {
    this.#close('srt-crashed');
  }

  async #open(): Promise<void> {
    const { attempt, target, options } = this.#place;
    this.#limit = setTimeout(() => this.#hang('srt-silent'), OPEN_LIMIT_MS);
    try {
      const address = await resolveTarget(target, options.targets);
      if (this.#stage === 'closed') return;
      this.#process = this.#running();
      this.#process.takeSaid();
      const { port, streamId, passphrase, keyLength, latencyMs } = target;
      const place = { address, port, streamId, passphrase, keyLength, latencyMs };
      this.#process.send({ t: 'open', attempt, target: place, media: options.media });
    } catch (error) {
      this.#close(error instanceof Error && 'code' in error ? String(error.code) : 'connection');
    }
  }

  #begin(): void {
    clearTimeout(this.#limit);
    this.#stage = 'publishing';
    this.#takenAtMs = performance.now();
    this.#watch = setInterval(() => {
      const waits = this.#sent > this.#taken;
      if (!waits) this.#takenAtMs = performance.now();
      else if (performance.now() - this.#takenAtMs > HUNG_MS) this.#hang('hung');
    }, WATCH_MS);
    this.#events.onPublishing();
  }

  /** Nothing but its end frees a call that hangs in libsrt. */
  #hang(code: string): void {
    const process = this.#process;
    this.#close(code);
    process?.kill();
  }

  #whyLost(): string {
    if (this.#stage === 'publishing') return 'closed';
    const said = this.#process?.takeSaid() ?? '';
    return REASONS.find(({ words }) => words.test(said))?.code ?? 'srt-silent';
  }

  #close(code: string): void {
    if (this.#stage === 'closed') return;
    this.#stop();
    this.#events.onClosed(code);
  }

  #stop(): void {
    this.#stage = 'closed';
    clearTimeout(this.#limit);
    clearInterval(this.#watch);
  }
}

/** What libsrt prints of a refused handshake (its `srt_rejectreason_str` and the short names of its log). */
const REASONS = [
  { words: /BADSECRET|Incorrect passphrase/i, code: 'srt-passphrase' },
  { words: /UNSECURE|Password required or unexpected/i, code: 'srt-encryption' },
  { words: /rejection HS response|REJECT reported|connection rejected/i, code: 'rejected' },
];
