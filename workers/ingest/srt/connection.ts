import { createSocket, type Socket } from 'node:dgram';
import type { Logger } from 'pino';
import type { SourceProcess, SourceProcesses } from '../pull/source-process.ts';
import type { MediaTaker, PublishAnswer, Publisher } from '../rtmp/publisher.ts';
import type { SrtSettings } from './settings.ts';
import { type Handshake, inductionFrom, isShutdown, REJECTION, readHandshake, withCookie } from './srt-packet.ts';

/** The library behind us has to come up and take the encoder within this, ms. */
const CONNECT_WITHIN_MS = 8_000;
const ASK_EVERY_MS = 50;
/** Not a packet of an encoder for so long: it is gone. SRT itself sends a sign of life each second, ms. */
const SILENT_AFTER_MS = 6_000;
const LOOPBACK = '127.0.0.1';

type Accepted = Extract<PublishAnswer, { ok: true }>;

/**
 * One encoder over SRT: passes its packets to a process of its own, in which FFmpeg and libsrt listen on a loopback port, and its media on to
 * the ingest.
 */
export class SrtConnection {
  readonly publisher: Publisher;
  private readonly startedAtMs = performance.now();
  private source: SourceProcess | null = null;
  private relay: Socket | null = null;
  private relayPort = 0;
  private conclusion: Buffer | null = null;
  /** Of the library behind us; null until it answered. */
  private cookie: number | null = null;
  private asking: NodeJS.Timeout | null = null;
  private readonly watching: NodeJS.Timeout;
  private lastPacketAtMs = performance.now();
  private isOpened = false;
  private isOver = false;
  private received = 0;
  private accepted: Accepted | null = null;

  constructor(
    private readonly options: {
      address: string;
      settings: SrtSettings;
      log: Logger;
      processes: SourceProcesses;
      send(packet: Buffer): void;
      onOver(): void;
    },
  ) {
    this.publisher = {
      address: options.address,
      agent: 'SRT',
      end: (reason) => this.end(reason),
      // Behind a paused source libsrt drops what is too late, which is right for live media.
      pause: () => this.source?.pause(),
      resume: () => this.source?.resume(),
      heldUpMs: () => this.source?.heldUpMs ?? 0,
    };
    this.watching = setInterval(() => this.watch(), 1_000);
  }

  /** @param conclusion the caller's last handshake packet, kept until the library asks for it */
  async start(conclusion: Buffer, accepted: Accepted): Promise<void> {
    this.accepted = accepted;
    if (this.isOver) {
      accepted.taker.onGone('the encoder was ended');
      return;
    }
    this.conclusion = conclusion;
    const { taker } = accepted;
    this.relayPort = await freePort();
    if (this.isOver) return;
    this.relay = createSocket('udp4');
    this.relay.on('message', (packet) => this.fromLibrary(packet));
    this.relay.on('error', () => undefined); // Nobody listens yet.
    this.source = this.launch(taker);
    this.asking = setInterval(() => this.ask(), ASK_EVERY_MS);
  }

  /** A packet of the encoder. */
  fromCaller(packet: Buffer, handshake: Handshake | null): void {
    this.lastPacketAtMs = performance.now();
    this.received += packet.length;
    if (handshake?.kind === 'conclusion') {
      this.conclusion = packet;
      if (this.cookie !== null) this.toLibrary(withCookie(packet, this.cookie));
    } else this.toLibrary(packet);
    if (isShutdown(packet)) this.end('the encoder stopped');
  }

  end(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.watching);
    if (this.asking) clearInterval(this.asking);
    this.source?.end();
    this.relay?.close();
    this.relay = null;
    this.options.onOver();
    const { address, log } = this.options;
    const seconds = Math.round((performance.now() - this.startedAtMs) / 100) / 10;
    const ingressId = this.accepted?.ingressId;
    if (this.accepted)
      log.info({ address, ingressId, seconds, bytes: this.received, reason }, `srt: closed: ${reason}`);
    this.accepted?.taker.onGone(reason);
  }

  private launch(taker: MediaTaker): SourceProcess {
    const { passphrase, latencyMs } = this.options.settings;
    const query = [
      'mode=listener',
      'transtype=live',
      `rcvlatency=${latencyMs * 1000}`,
      'listen_timeout=-1',
      `timeout=${SILENT_AFTER_MS * 1000}`,
      ...(passphrase === '' ? [] : [`passphrase=${passphrase.replaceAll(' ', '+')}`]),
    ];
    const url = `srt://${LOOPBACK}:${this.relayPort}?${query.join('&')}`;
    const options = { probesize: '300000', analyzeduration: '600000', fpsprobesize: '0' };
    return this.options.processes.take().start(
      { say: 'open', url, options, format: 'mpegts', loop: false },
      {
        onOpened: () => {
          this.isOpened = true;
        },
        onTag: (type, timestampMs, body) => taker.onTag(type, timestampMs, body),
        onOver: (end) =>
          this.end(this.isOpened ? 'the encoder stopped' : (END_WORDS[end] ?? 'its stream could not be read')),
      },
    );
  }

  /** Until the library listens and gives its cookie. */
  private ask(): void {
    if (this.cookie !== null || this.conclusion === null) {
      if (this.asking) clearInterval(this.asking);
      this.asking = null;
      return;
    }
    this.toLibrary(inductionFrom(this.conclusion));
  }

  private fromLibrary(packet: Buffer): void {
    const handshake = readHandshake(packet);
    if (handshake?.kind === 'induction') {
      if (this.cookie === null && this.conclusion) {
        this.cookie = handshake.cookie;
        this.toLibrary(withCookie(this.conclusion, handshake.cookie));
      }
      return;
    }
    this.options.send(packet);
    if (handshake?.rejection != null) {
      this.end(handshake.rejection === REJECTION.badSecret ? 'its passphrase is wrong' : 'SRT could not agree with it');
    }
  }

  private toLibrary(packet: Buffer): void {
    this.relay?.send(packet, this.relayPort, LOOPBACK, () => undefined);
  }

  private watch(): void {
    const now = performance.now();
    if (now - this.lastPacketAtMs > SILENT_AFTER_MS) this.end('the encoder went silent');
    else if (this.accepted && !this.isOpened && now - this.startedAtMs > CONNECT_WITHIN_MS) {
      this.end('no media within 8 s: is the passphrase right, and is it MPEG-TS?');
    }
  }
}

const END_WORDS: Partial<Record<string, string>> = {
  'unsupported-codec': 'its codecs are not supported: send H.264 or HEVC with AAC',
  'not-media': 'it is no MPEG-TS',
};

/** A UDP port that nobody has at the moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createSocket('udp4');
    probe.once('error', reject);
    probe.bind(0, LOOPBACK, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
