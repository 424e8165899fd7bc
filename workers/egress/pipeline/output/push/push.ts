import type { Logger } from 'pino';
import { audioHeader, metadataPayload, type PushAudio, type PushVideo, videoHeader } from './flv-payload.ts';
import { GopQueue, type QueuedPacket } from './gop-queue.ts';
import { explainPushError, type PushError } from './push-error.ts';
import { RtmpConnection } from './rtmp-connection.ts';
import { type PushAddress, parsePushUrl, type TargetRules } from './target.ts';

export type PushState = 'connecting' | 'pushing' | 'retrying' | 'failed' | 'stopped';
export type PushReport = {
  id: string;
  state: PushState;
  bitrateKbps: number;
  droppedFrames: number;
  retries: number;
  lastError: PushError | null;
  sinceMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
};
export type PushMedia = { video: PushVideo | null; audio: PushAudio | null };
export type PushDeps = {
  media: PushMedia;
  targets: TargetRules | undefined;
  onReport(report: PushReport): void;
  onFirstByte(): void;
  log: Logger;
};

const BACK_OFF_MS = [1000, 2000, 4000, 8000];
const MAX_REJECTIONS = 3;
const LIMITS = { maxMs: 5000, maxBytes: 16 * 1024 * 1024 };
const MEASURE_MS = 2000;
/** Half of the pictures dropped over this long: reconnecting may find a better way. */
const TOO_SLOW_MS = 30_000;

/** One destination: its connection, queue and retries. Nothing that happens here is felt anywhere else. */
export class PushOutput {
  readonly #target: PushAddress | null;
  readonly #deps: PushDeps;
  #connection: RtmpConnection | null = null;
  #queue: GopQueue;
  #firstMs: number | null = null;
  #rejections = 0;
  #attempts = 0;
  #timer: NodeJS.Timeout | undefined;
  #measure: NodeJS.Timeout | undefined;
  #sentBefore = 0;
  #droppedBefore = 0;
  #window = { sinceMs: 0, dropped: 0, frames: 0 };
  #report: PushReport;

  constructor(push: { id: string; url: string }, deps: PushDeps) {
    this.#target = parsePushUrl(push.url);
    this.#deps = deps;
    this.#queue = this.#newQueue();
    this.#report = {
      id: push.id,
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
    if (this.#target) this.#connect(this.#target);
    else this.#set({ state: 'failed', lastError: explainPushError({ code: 'bad-url' }, ''), endedAtMs: Date.now() });
  }

  /** Takes one encoded piece; what cannot be sent waits or is dropped here. */
  add(packet: QueuedPacket): void {
    if (this.#report.state !== 'pushing') return;
    this.#queue.add(packet);
    this.#flush();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    clearInterval(this.#measure);
    await this.#connection?.finish();
    this.#connection = null;
    if (this.#report.state !== 'failed') this.#set({ state: 'stopped', bitrateKbps: 0, endedAtMs: Date.now() });
  }

  #connect(target: PushAddress): void {
    const connection = new RtmpConnection(target, {
      onPublishing: () => this.#begin(connection),
      onDrain: () => this.#flush(),
      onClosed: (cause) => this.#lost(target, cause),
    });
    this.#connection = connection;
    void connection.open(this.#deps.targets);
  }

  /** Every connection starts with metadata and headers; media follows from the next key frame on, its clock from 0. */
  #begin(connection: RtmpConnection): void {
    const { video, audio } = this.#deps.media;
    connection.send('data', 0, metadataPayload(video, audio));
    if (video) connection.send('video', 0, videoHeader(video));
    if (audio) connection.send('audio', 0, audioHeader(audio));
    this.#queue = this.#newQueue();
    this.#firstMs = null;
    this.#sentBefore = connection.sentBytes;
    this.#droppedBefore = this.#report.droppedFrames;
    this.#window = { sinceMs: performance.now(), dropped: 0, frames: 0 };
    this.#measure = setInterval(() => this.#look(), MEASURE_MS);
    this.#deps.log.info({ push: this.#report.id, host: this.#target?.host }, 'push: publishing');
    this.#set({ state: 'pushing', startedAtMs: this.#report.startedAtMs ?? Date.now() });
  }

  #flush(): void {
    const connection = this.#connection;
    while (connection?.hasRoom) {
      const packet = this.#queue.shift();
      if (!packet) return;
      if (this.#firstMs === null) this.#deps.onFirstByte();
      this.#firstMs ??= packet.ms;
      connection.send(packet.kind, Math.max(0, Math.round(packet.ms - this.#firstMs)), packet.payload);
    }
  }

  #lost(target: PushAddress, cause: { code: string; message: string }): void {
    clearInterval(this.#measure);
    this.#connection = null;
    const wasPushing = this.#report.state === 'pushing';
    const stable = wasPushing && Date.now() - this.#report.sinceMs > 10_000;
    if (stable) this.#attempts = 0;
    if (wasPushing) this.#rejections = 0;
    if (cause.code === 'rejected') this.#rejections++;
    const lastError = explainPushError(cause, target.host);
    this.#deps.log.warn({ push: this.#report.id, host: target.host, code: cause.code }, 'push: connection ended');
    if (this.#rejections >= MAX_REJECTIONS || cause.code === 'EFORBIDDEN') {
      this.#set({ state: 'failed', lastError, bitrateKbps: 0, endedAtMs: Date.now() });
      return;
    }
    const ms = BACK_OFF_MS[Math.min(this.#attempts++, BACK_OFF_MS.length - 1)] ?? 8000;
    this.#set({ state: 'retrying', lastError, bitrateKbps: 0, retries: this.#report.retries + 1 });
    this.#timer = setTimeout(() => this.#connect(target), ms);
  }

  /** Every two seconds: bitrate, drops, and whether the destination is hopelessly slow. */
  #look(): void {
    const connection = this.#connection;
    if (!connection) return;
    const sent = connection.sentBytes;
    const bitrateKbps = Math.round(((sent - this.#sentBefore) * 8) / MEASURE_MS);
    this.#sentBefore = sent;
    const droppedFrames = this.#droppedBefore + this.#queue.droppedFrames;
    this.#update({ bitrateKbps, droppedFrames });
    if (performance.now() - this.#window.sinceMs < TOO_SLOW_MS) return;
    const dropped = this.#queue.droppedFrames - this.#window.dropped;
    const frames = this.#queue.frames - this.#window.frames;
    this.#window = { sinceMs: performance.now(), dropped: this.#queue.droppedFrames, frames: this.#queue.frames };
    if (this.#target && frames > 0 && dropped / frames > 0.5) {
      void connection.finish();
      this.#lost(this.#target, { code: 'too-slow', message: `${dropped} of ${frames} dropped` });
    }
  }

  #newQueue(): GopQueue {
    return new GopQueue(LIMITS, this.#deps.media.video === null);
  }

  #set(facts: Partial<PushReport>): void {
    this.#update({ ...facts, sinceMs: Date.now() });
  }

  #update(facts: Partial<PushReport>): void {
    this.#report = { ...this.#report, ...facts };
    this.#deps.onReport(this.#report);
  }
}
