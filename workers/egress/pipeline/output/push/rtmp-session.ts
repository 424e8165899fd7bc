import { randomFillSync } from 'node:crypto';
import { type AmfValue, decodeAmf, encodeAmf } from './amf0.ts';
import { ChunkReader, MESSAGE, type RtmpMessage, writeMessage } from './rtmp-chunks.ts';

/** Where to publish: the pieces of an RTMP URL. `streamName` is the secret. */
export type RtmpTarget = { tcUrl: string; app: string; streamName: string };

export type SessionEvents = {
  send(bytes: Buffer): void;
  /** The peer said that publishing may begin. */
  onPublishing(): void;
  /** The peer refused or ended the stream, in its own words, e.g. `NetStream.Publish.BadName`; they may hold the key. */
  onRefused(status: { code: string; description: string }): void;
};

const HANDSHAKE = 1536;
const CHUNK_SIZE = 4096;
const CONTROL = 2;
const COMMAND = 3;
const DATA = 4;
const AUDIO = 5;
const VIDEO = 6;
const ACKNOWLEDGE_EVERY = 2_500_000;
const CONNECT_ID = 1;
const CREATE_ID = 4;
const PUBLISH_ID = 5;

/** Some servers say these with the level `status`. */
const REFUSALS = /Rejected|BadName|Denied|Failed|Unauthorized|InvalidApp|Connect\.Closed|AppShutdown|Unpublish/;

type Stage = 'handshake' | 'connecting' | 'creating' | 'publishing-asked' | 'publishing' | 'refused';

/**
 * The publishing side of one RTMP connection, without a socket: bytes in, bytes out. Plain handshake, connect, createStream, publish.
 * Source: Adobe, "Real-Time Messaging Protocol" 1.0, sections 5.2 and 7.2.
 */
export class RtmpSession {
  readonly #target: RtmpTarget;
  readonly #events: SessionEvents;
  readonly #reader: ChunkReader;
  #stage: Stage = 'handshake';
  #pending: Buffer = Buffer.alloc(0);
  #streamId = 1;
  #received = 0;
  #window = ACKNOWLEDGE_EVERY;
  #acknowledged = 0;

  constructor(target: RtmpTarget, events: SessionEvents) {
    this.#target = target;
    this.#events = events;
    this.#reader = new ChunkReader((message) => this.#onMessage(message));
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Says hello: version and our 1,536 bytes. */
  start(): void {
    const hello = Buffer.alloc(1 + HANDSHAKE);
    randomFillSync(hello, 9);
    hello[0] = 3;
    hello.fill(0, 1, 9);
    this.#events.send(hello);
  }

  /** @throws RangeError when the peer breaks the protocol */
  receive(bytes: Buffer): void {
    this.#received += bytes.length;
    if (this.#stage === 'handshake') {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      if ((this.#pending[0] ?? 3) !== 3) throw new RangeError('the peer speaks no RTMP');
      if (this.#pending.length < 1 + 2 * HANDSHAKE) return;
      this.#events.send(Buffer.from(this.#pending.subarray(1, 1 + HANDSHAKE)));
      this.#connect();
      const rest = this.#pending.subarray(1 + 2 * HANDSHAKE);
      this.#pending = Buffer.alloc(0);
      if (rest.length > 0) this.#reader.push(Buffer.from(rest));
    } else this.#reader.push(bytes);
    if (this.#received - this.#acknowledged >= this.#window / 2) this.#acknowledge();
  }

  /** One media or data message as bytes for the socket. */
  media(kind: 'video' | 'audio' | 'data', timestampMs: number, payload: Buffer): Buffer {
    const channel = { video: VIDEO, audio: AUDIO, data: DATA }[kind];
    const type = { video: MESSAGE.video, audio: MESSAGE.audio, data: MESSAGE.dataAmf0 }[kind];
    return writeMessage({ type, streamId: this.#streamId, timestampMs, payload }, channel, CHUNK_SIZE);
  }

  /** Polite end of publishing. */
  finish(): void {
    if (this.#stage !== 'publishing') return;
    this.#command(['FCUnpublish', 6, null, this.#target.streamName], 0);
    this.#command(['deleteStream', 7, null, this.#streamId], 0);
  }

  #connect(): void {
    this.#stage = 'connecting';
    const size = Buffer.alloc(4);
    size.writeUInt32BE(CHUNK_SIZE);
    this.#control(MESSAGE.chunkSize, size);
    const { app, tcUrl } = this.#target;
    this.#command(
      ['connect', CONNECT_ID, { app, type: 'nonprivate', flashVer: 'FMLE/3.0 (compatible; Openair)', tcUrl }],
      0,
    );
  }

  #onMessage({ type, payload }: RtmpMessage): void {
    if (type === MESSAGE.windowSize && payload.length >= 4) {
      this.#window = Math.max(10_000, payload.readUInt32BE(0));
    } else if (type === MESSAGE.peerBandwidth && payload.length >= 4) {
      this.#control(MESSAGE.windowSize, payload.subarray(0, 4));
    } else if (type === MESSAGE.userControl && payload.length >= 6 && payload.readUInt16BE(0) === 6) {
      const pong = Buffer.from(payload.subarray(0, 6));
      pong.writeUInt16BE(7, 0);
      this.#control(MESSAGE.userControl, pong);
    } else if (type === MESSAGE.commandAmf0) this.#onCommand(decodeAmf(payload));
    else if (type === MESSAGE.commandAmf3) this.#onCommand(decodeAmf(payload.subarray(1)));
  }

  #onCommand([name, id, , ...rest]: AmfValue[]): void {
    if (name === '_result' && id === CONNECT_ID && this.#stage === 'connecting') {
      const { streamName } = this.#target;
      this.#stage = 'creating';
      this.#command(['releaseStream', 2, null, streamName], 0);
      this.#command(['FCPublish', 3, null, streamName], 0);
      this.#command(['createStream', CREATE_ID, null], 0);
    } else if (name === '_result' && id === CREATE_ID && this.#stage === 'creating') {
      this.#streamId = typeof rest[0] === 'number' ? rest[0] : 1;
      this.#stage = 'publishing-asked';
      this.#command(['publish', PUBLISH_ID, null, this.#target.streamName, 'live'], this.#streamId);
    } else if (name === '_error' && (id === CONNECT_ID || id === CREATE_ID || id === PUBLISH_ID)) {
      this.#refuse(codeOf(rest) || 'NetConnection.Connect.Rejected', rest);
    } else if (name === 'onStatus') this.#onStatus(rest);
  }

  #onStatus(rest: AmfValue[]): void {
    const code = codeOf(rest);
    if (code === 'NetStream.Publish.Start' && this.#stage === 'publishing-asked') {
      this.#stage = 'publishing';
      this.#events.onPublishing();
    } else if (levelOf(rest) === 'error' || REFUSALS.test(code)) this.#refuse(code, rest);
  }

  #refuse(code: string, rest: AmfValue[]): void {
    if (this.#stage === 'refused') return;
    this.#stage = 'refused';
    this.#events.onRefused({ code, description: fieldOf(rest, 'description') });
  }

  #acknowledge(): void {
    this.#acknowledged = this.#received;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.#received >>> 0);
    this.#control(MESSAGE.acknowledgement, count);
  }

  #control(type: number, payload: Buffer): void {
    this.#events.send(writeMessage({ type, streamId: 0, timestampMs: 0, payload }, CONTROL, CHUNK_SIZE));
  }

  #command(values: AmfValue[], streamId: number): void {
    const message = { type: MESSAGE.commandAmf0, streamId, timestampMs: 0, payload: encodeAmf(...values) };
    this.#events.send(writeMessage(message, COMMAND, CHUNK_SIZE));
  }
}

function fieldOf(values: AmfValue[], name: string): string {
  const info = values.find((value) => value !== null && typeof value === 'object' && !Array.isArray(value));
  const field = info && typeof info === 'object' && !Array.isArray(info) ? info[name] : null;
  return typeof field === 'string' ? field : '';
}

const codeOf = (values: AmfValue[]) => fieldOf(values, 'code');
const levelOf = (values: AmfValue[]) => fieldOf(values, 'level');
