import type { Logger } from 'pino';
import { type PushReport, type PushTargets, RAW_SOUND_ID } from '../../../plan.ts';
import type { ProgramSink } from '../../program-sink.ts';
import { explainPushError } from '../push/push-error.ts';
import { RawConnection } from './raw-connection.ts';

export type RawSoundDeps = {
  /** ws:// or wss://; it may hold a secret. */
  url: string;
  targets: PushTargets | undefined;
  /** Whether nothing is heard because the track is muted. */
  isMuted(): boolean;
  onReport(report: PushReport): void;
  onFirstByte(): void;
  /** The receiver refused it for good, in a person's words. */
  onFailed(sentence: string): void;
  log: Logger;
};

const BACK_OFF_MS = [1000, 2000, 4000, 8000];
const MOST_REFUSALS = 3;
/** What the words for RTMP do not fit. */
const OWN: Record<string, (host: string) => string> = {
  rejected: (host) => `${host} refused the WebSocket. Check the address behind the server's name.`,
  'needs-login': (host) => `${host} wants another login or token in the address.`,
  protocol: (host) => `${host} does not speak WebSocket as expected. Check address and port.`,
};

/**
 * LiveKit's raw sound of a track: 48 kHz stereo, 16 bit little endian, as binary messages, and `{"muted":bool}` as text when that changes.
 * What a slow or absent receiver does not take is lost for it; the egress goes on.
 */
export class RawSound implements ProgramSink {
  readonly #deps: RawSoundDeps;
  readonly #url: URL;
  #connection: RawConnection | null = null;
  #open = false;
  #muted: boolean | null = null;
  #refusals = 0;
  #attempts = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #first = true;
  #report: PushReport = {
    id: RAW_SOUND_ID,
    state: 'connecting',
    bitrateKbps: 0,
    droppedFrames: 0,
    retries: 0,
    lastError: null,
    sinceMs: Date.now(),
    startedAtMs: null,
    endedAtMs: null,
  };

  constructor(deps: RawSoundDeps) {
    this.#deps = deps;
    this.#url = new URL(deps.url);
    deps.onReport(this.#report);
    this.#connect();
  }

  sound(block: Float32Array): void {
    if (!this.#open || !this.#connection) return;
    const muted = this.#deps.isMuted();
    if (muted !== this.#muted) {
      this.#muted = muted;
      this.#connection.send('text', Buffer.from(JSON.stringify({ muted })));
    }
    if (!this.#connection.send('binary', toS16(block))) this.#report.droppedFrames++;
    else if (this.#first) this.#deps.onFirstByte();
    this.#first = false;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#connection?.finish();
    if (this.#report.state !== 'failed') this.#set({ state: 'stopped', endedAtMs: Date.now() });
  }

  #connect(): void {
    this.#connection = new RawConnection(this.#url, this.#deps.targets, {
      onOpen: () => {
        this.#open = true;
        this.#muted = null;
        this.#refusals = 0;
        this.#set({ state: 'pushing', startedAtMs: this.#report.startedAtMs ?? Date.now(), lastError: null });
      },
      onClosed: (code) => this.#lost(code),
    });
  }

  #lost(code: string): void {
    if (this.#closed) return;
    if (this.#open) this.#attempts = 0;
    this.#open = false;
    this.#connection = null;
    const { host } = this.#url;
    const own = Object.hasOwn(OWN, code) ? OWN[code] : undefined;
    const lastError = own ? { code, sentence: own(host) } : explainPushError({ code }, host);
    this.#deps.log.warn({ host, code: lastError.code }, 'raw sound: ended');
    if (own) this.#refusals++;
    if (this.#refusals >= MOST_REFUSALS || lastError.code === 'EFORBIDDEN') {
      this.#set({ state: 'failed', lastError, endedAtMs: Date.now() });
      return this.#deps.onFailed(lastError.sentence);
    }
    const ms = BACK_OFF_MS[Math.min(this.#attempts++, BACK_OFF_MS.length - 1)] ?? 8000;
    this.#set({ state: 'retrying', lastError, retries: this.#report.retries + 1 });
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  #set(change: Partial<PushReport>): void {
    const sinceMs = change.state === this.#report.state ? this.#report.sinceMs : Date.now();
    this.#report = { ...this.#report, sinceMs, ...change };
    this.#deps.onReport(this.#report);
  }
}

/** @param planar left then right, −1 to 1 @returns interleaved 16 bit, little endian */
export function toS16(planar: Float32Array): Buffer {
  const samples = planar.length / 2;
  const out = Buffer.allocUnsafe(planar.length * 2);
  for (let at = 0; at < samples; at++) {
    for (const channel of [0, 1]) {
      const value = Math.round((planar[channel * samples + at] as number) * 32_767);
      out.writeInt16LE(Math.max(-32_768, Math.min(32_767, value)), (at * 2 + channel) * 2);
    }
  }
  return out;
}
