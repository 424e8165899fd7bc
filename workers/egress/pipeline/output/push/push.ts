import type { Logger } from 'pino';
import type { PushReport } from '../../../plan.ts';
import { GopQueue, type QueuedPacket } from './gop-queue.ts';
import type { PushConnection, PushDialer } from './push-connection.ts';
import { explainPushError, explainTooSlow, isRefusal, type PushError } from './push-error.ts';
import { RateMeter } from './rate-meter.ts';

export type PushDeps = {
  audioOnly: boolean;
  /** Null when the address is none. */
  dialer: PushDialer | null;
  /** The host as its owner wrote it. */
  host: string;
  onReport(report: PushReport): void;
  onFirstByte(): void;
  log: Logger;
};

const BACK_OFF_MS = [1000, 2000, 4000, 8000];
const MAX_REFUSALS = 3;
const LIMITS = { maxMs: 5000, maxBytes: 16 * 1024 * 1024 };
const MEASURE_MS = 2000;
const WINDOW_MS = 10_000;
/** A connection that held this long was a good one. */
const STABLE_MS = 10_000;
/** Reconnecting may find a better way, but each one is a new video at some platforms: rarely, and more rarely each time. */
const SLOW_PATIENCE_MS = { first: 60_000, last: 600_000 };

/** One destination: its connection, queue and retries. Nothing that happens here is felt anywhere else. */
export class PushOutput {
  readonly #deps: PushDeps;
  #connection: PushConnection | null = null;
  #queue: GopQueue;
  #firstMs: number | null = null;
  #refusals = 0;
  #attempts = 0;
  #everStable = false;
  #timer: NodeJS.Timeout | undefined;
  #measure: NodeJS.Timeout | undefined;
  #takes = new RateMeter(WINDOW_MS);
  #needs = new RateMeter(WINDOW_MS);
  #offeredBytes = 0;
  #droppedBefore = 0;
  #droppedAtLook = 0;
  #slow: { sinceMs: number; lastDropMs: number } | null = null;
  #slowPatienceMs = SLOW_PATIENCE_MS.first;
  #closed = false;
  #report: PushReport;

  constructor(id: string, deps: PushDeps) {
    this.#deps = deps;
    this.#queue = this.#newQueue();
    this.#report = {
      id,
      state: 'connecting',
      bitrateKbps: 0,
      droppedFrames: 0,
      retries: 0,
      lastError: null,
      sinceMs: Date.now(),
      startedAtMs: null,
      endedAtMs: null,
    };
  }

  get report(): PushReport {
    return this.#report;
  }

  open(): void {
    this.#deps.onReport(this.#report);
    if (this.#deps.dialer) this.#connect(this.#deps.dialer);
    else this.#fail(explainPushError({ code: 'bad-url' }, ''));
  }

  /** Takes one encoded piece; what cannot be sent waits or is dropped here. */
  add(packet: QueuedPacket): void {
    if (this.#report.state !== 'pushing') return;
    this.#offeredBytes += packet.payload.length;
    this.#queue.add(packet);
    this.#flush();
  }

  /** Ends it for good; its last report says `stopped`. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#measure);
    const connection = this.#connection;
    this.#connection = null;
    if (this.#report.state !== 'failed') this.#set({ state: 'stopped', bitrateKbps: 0, endedAtMs: Date.now() });
    await connection?.finish();
    this.#deps.dialer?.dispose();
  }

  #connect(dialer: PushDialer): void {
    const connection = dialer.connect({
      onPublishing: () => this.#begin(connection),
      onDrain: () => this.#flush(),
      onClosed: (code) => this.#lost(dialer, explainPushError({ code }, this.#deps.host)),
    });
    this.#connection = connection;
  }

  /** Media follows from the next key frame on, its clock from 0. */
  #begin(connection: PushConnection): void {
    this.#queue = this.#newQueue();
    this.#firstMs = null;
    this.#takes = new RateMeter(WINDOW_MS);
    this.#needs = new RateMeter(WINDOW_MS);
    this.#offeredBytes = 0;
    this.#droppedBefore = this.#report.droppedFrames;
    this.#droppedAtLook = 0;
    this.#slow = null;
    this.#measure = setInterval(() => this.#look(connection), MEASURE_MS);
    this.#deps.log.info({ push: this.#report.id, host: this.#deps.host }, 'push: publishing');
    this.#set({ state: 'pushing', startedAtMs: this.#report.startedAtMs ?? Date.now() });
  }

  #flush(): void {
    const connection = this.#connection;
    while (connection?.hasRoom) {
      const packet = this.#queue.shift();
      if (!packet) return;
      if (this.#firstMs === null) this.#deps.onFirstByte();
      this.#firstMs ??= packet.ms;
      connection.send(packet, Math.max(0, Math.round(packet.ms - this.#firstMs)));
    }
  }

  #lost(dialer: PushDialer, cause: PushError): void {
    if (this.#closed) return;
    clearInterval(this.#measure);
    this.#connection = null;
    const lastError = this.#judge(cause);
    this.#deps.log.warn({ push: this.#report.id, host: this.#deps.host, code: lastError.code }, 'push: ended');
    if (this.#refusals >= MAX_REFUSALS || lastError.code === 'EFORBIDDEN') {
      dialer.dispose();
      return this.#fail(lastError);
    }
    const ms = BACK_OFF_MS[Math.min(this.#attempts++, BACK_OFF_MS.length - 1)] ?? 8000;
    this.#set({ state: 'retrying', lastError, bitrateKbps: 0, retries: this.#report.retries + 1 });
    this.#timer = setTimeout(() => this.#connect(dialer), ms);
  }

  /** Counts refusals in a row, and sees those that no server says in words. */
  #judge(cause: PushError): PushError {
    const wasPushing = this.#report.state === 'pushing';
    const stable = wasPushing && Date.now() - this.#report.sinceMs > STABLE_MS;
    if (stable) {
      this.#attempts = 0;
      this.#refusals = 0;
      this.#everStable = true;
    }
    // Some platforms take any key at first and hang up a moment later.
    const hungUp = wasPushing && !this.#everStable && ['closed', 'ECONNRESET', 'EPIPE', 'ended'].includes(cause.code);
    // Our own last connection may still stand there, half open: it goes away in time.
    const ownGhost = cause.code === 'name-in-use' && this.#everStable;
    if ((isRefusal(cause.code) && !ownGhost) || hungUp) this.#refusals++;
    else this.#refusals = 0;
    return hungUp && this.#refusals >= MAX_REFUSALS ? explainPushError({ code: 'hangs-up' }, this.#deps.host) : cause;
  }

  /** Every two seconds: bitrate, drops, and whether the destination is too slow. */
  #look(connection: PushConnection): void {
    const nowMs = performance.now();
    const takesKbps = this.#takes.note(nowMs, connection.takenBytes);
    const needsKbps = this.#needs.note(nowMs, this.#offeredBytes);
    const dropped = this.#queue.droppedFrames;
    if (dropped > this.#droppedAtLook) this.#slow = { sinceMs: this.#slow?.sinceMs ?? nowMs, lastDropMs: nowMs };
    else if (this.#slow && nowMs - this.#slow.lastDropMs > WINDOW_MS) this.#slow = null;
    this.#droppedAtLook = dropped;
    const facts = { bitrateKbps: Math.round(takesKbps), droppedFrames: this.#droppedBefore + dropped };
    if (this.#slow) {
      const tooSlow = explainTooSlow(this.#deps.host, takesKbps, needsKbps);
      this.#update({ ...facts, lastError: tooSlow });
      if (nowMs - this.#slow.sinceMs > this.#slowPatienceMs) this.#reconnect(connection, tooSlow);
      return;
    }
    const { lastError, sinceMs } = this.#report;
    const over = lastError?.code === 'too-slow' || Date.now() - sinceMs > STABLE_MS;
    this.#update({ ...facts, lastError: over ? null : lastError });
  }

  #reconnect(connection: PushConnection, cause: PushError): void {
    this.#slowPatienceMs = Math.min(this.#slowPatienceMs * 2, SLOW_PATIENCE_MS.last);
    void connection.finish();
    if (this.#deps.dialer) this.#lost(this.#deps.dialer, cause);
  }

  #newQueue(): GopQueue {
    return new GopQueue(LIMITS, this.#deps.audioOnly);
  }

  #fail(lastError: PushError): void {
    this.#set({ state: 'failed', lastError, bitrateKbps: 0, endedAtMs: Date.now() });
  }

  #set(facts: Partial<PushReport>): void {
    this.#update({ ...facts, sinceMs: Date.now() });
  }

  #update(facts: Partial<PushReport>): void {
    this.#report = { ...this.#report, ...facts };
    this.#deps.onReport(this.#report);
  }
}
