import { type AmfObject, type AmfValue, decodeAmf0 } from './amf0.ts';
import { ChunkReader, type RtmpMessage } from './chunk-reader.ts';
import { Handshake } from './handshake.ts';
import { RTMP_LIMITS, RtmpError } from './limits.ts';
import {
  encodeAck,
  encodeCommand,
  encodeConnected,
  encodeStatus,
  encodeUserControl,
  encodeWelcome,
} from './replies.ts';

/** FLV tag type of a media message: RTMP uses the same numbers. */
export type TagType = 8 | 9 | 18;

export type PublishWish = {
  /** The publish name up to `?`. A secret. */
  streamKey: string;
  app: string;
  /** `flashVer` of connect: which encoder it is. */
  agent: string;
  /** A second encoder that stands by: application `backup`, or `?backup=1` behind the key. */
  isBackup: boolean;
};

export type SessionEvents = {
  write(bytes: Buffer): void;
  /** Called once; answer with `accept()` or `refuse()`. Media that comes before the answer is kept within a limit. */
  onPublish(wish: PublishWish): void;
  /** Only after `accept()`. `body` is an FLV tag's body, for 18 without "@setDataFrame". */
  onTag(type: TagType, timestampMs: number, body: Buffer): void;
  /** The publisher said goodbye: deleteStream, FCUnpublish or closeStream. */
  onUnpublish(): void;
};

const STREAM_ID = 1;
const DEFAULT_PEER_WINDOW = 2_500_000;
const SET_DATA_FRAME = Buffer.from([2, 0, 13, ...Buffer.from('@setDataFrame')]);

/**
 * RTMP of one publisher, without a socket: bytes in by `push`, bytes and events out. Playing is not offered.
 * Source: Adobe RTMP 1.0, section 7; Enhanced RTMP v2.
 */
export class RtmpSession {
  private readonly handshake: Handshake;
  private readonly chunks: ChunkReader;
  private app = '';
  private agent = '';
  private stage: 'new' | 'connected' | 'asking' | 'publishing' | 'over' = 'new';
  private commands = 0;
  private received = 0;
  private acknowledged = 0;
  private early: { type: TagType; timestampMs: number; body: Buffer }[] = [];
  private earlyBytes = 0;
  private peerWindow = DEFAULT_PEER_WINDOW;
  private pingedAtMs: number | null = null;
  /** Of the last ping that was answered; null before one. */
  roundTripMs: number | null = null;

  constructor(private readonly events: SessionEvents) {
    this.handshake = new Handshake((bytes) => events.write(bytes));
    this.chunks = new ChunkReader((message) => this.handle(message));
    this.chunks.maxMessageBytes = RTMP_LIMITS.messageBytesBeforePublish;
  }

  /** @throws RtmpError: close the connection */
  push(bytes: Buffer): void {
    if (this.stage === 'over') return;
    this.received += bytes.length;
    const rest = this.handshake.done ? bytes : this.handshake.push(bytes);
    if (rest.length > 0) this.chunks.push(rest);
    if (this.handshake.done && this.received - this.acknowledged >= this.peerWindow / 2) {
      this.acknowledged = this.received;
      this.events.write(encodeAck(this.received));
    }
  }

  accept(): void {
    if (this.stage !== 'asking') return;
    this.stage = 'publishing';
    this.chunks.maxMessageBytes = RTMP_LIMITS.messageBytes;
    this.events.write(
      Buffer.concat([
        encodeUserControl(0, STREAM_ID),
        encodeStatus(STREAM_ID, 'status', 'NetStream.Publish.Start', 'Publishing.'),
      ]),
    );
    const { early } = this;
    this.early = [];
    for (const { type, timestampMs, body } of early) this.events.onTag(type, timestampMs, body);
  }

  /** Tells the encoder why it may not publish; the caller closes the socket after. */
  refuse(description: string): void {
    if (this.stage === 'over') return;
    this.stage = 'over';
    this.events.write(encodeStatus(STREAM_ID, 'error', 'NetStream.Publish.BadName', description));
  }

  /** Tells a publisher that we end it. */
  end(description: string): void {
    if (this.stage !== 'publishing') return;
    this.stage = 'over';
    this.events.write(encodeStatus(STREAM_ID, 'status', 'NetStream.Unpublish.Success', description));
  }

  private handle(message: RtmpMessage): void {
    if (this.stage === 'over') return;
    const { type, payload } = message;
    if (type === 20) this.command(payload);
    else if (type === 17) this.command(payload.subarray(1));
    else if (type === 4) this.userControl(payload);
    else if (type === 5 && payload.length >= 4) this.peerWindow = Math.max(payload.readUInt32BE(0), 65_536);
    else if (type === 8 || type === 9) this.tag(type, message.timestampMs, payload);
    else if (type === 18) this.tag(18, message.timestampMs, unwrapped(payload));
    else if (type === 15) this.tag(18, message.timestampMs, unwrapped(payload.subarray(1)));
    else if (type === 22) this.aggregate(message.timestampMs, payload);
    // Others (acknowledgements, peer bandwidth, shared objects) need no answer from a server that only takes.
  }

  private tag(type: TagType, timestampMs: number, body: Buffer): void {
    if (body.length === 0) return;
    if (this.stage === 'publishing') {
      this.events.onTag(type, timestampMs, body);
      return;
    }
    // An encoder that does not wait for our answer: its first tags carry the sequence headers, so they are kept a moment.
    if (this.stage !== 'asking') throw new RtmpError('media before publish');
    this.earlyBytes += body.length;
    if (this.earlyBytes > RTMP_LIMITS.bytesBeforeAnswer)
      throw new RtmpError('too much media before the publish was accepted');
    this.early.push({ type, timestampMs, body });
  }

  /** Several tags in one message (7.1.6): FLV's own framing, times relative to the first one's. */
  private aggregate(timestampMs: number, payload: Buffer): void {
    let first: number | null = null;
    for (let at = 0; at + 11 <= payload.length; ) {
      const type = payload.readUInt8(at);
      const length = payload.readUIntBE(at + 1, 3);
      const time = payload.readUIntBE(at + 4, 3) + payload.readUInt8(at + 7) * 0x1_00_00_00;
      if (length > payload.length - at - 11) throw new RtmpError('aggregate cut short');
      first ??= time;
      const body = payload.subarray(at + 11, at + 11 + length);
      const place = (timestampMs + (time - first)) >>> 0;
      if (type === 8 || type === 9) this.tag(type, place, body);
      else if (type === 18) this.tag(18, place, unwrapped(body));
      at += 11 + length + 4;
    }
  }

  /** Asks the encoder for a sign of life; one that answers shows the round trip. Few do. */
  ping(): void {
    if (this.stage !== 'publishing') return;
    this.pingedAtMs = performance.now();
    this.events.write(encodeUserControl(6, Math.round(this.pingedAtMs) >>> 0));
  }

  private userControl(payload: Buffer): void {
    if (payload.length < 6) return;
    const event = payload.readUInt16BE(0);
    if (event === 6) this.events.write(encodeUserControl(7, payload.readUInt32BE(2)));
    else if (event === 7 && this.pingedAtMs !== null) {
      this.roundTripMs = Math.round((performance.now() - this.pingedAtMs) * 10) / 10;
      this.pingedAtMs = null;
    }
  }

  private command(payload: Buffer): void {
    if (this.stage !== 'publishing') {
      this.commands += 1;
      if (this.commands > RTMP_LIMITS.commandsBeforePublish) throw new RtmpError('too many commands');
    }
    const [name, transaction, object, ...rest] = decodeAmf0(payload);
    const id = typeof transaction === 'number' ? transaction : 0;
    if (name === 'connect') {
      this.connect(id, object);
      return;
    }
    if (this.stage === 'new') throw new RtmpError('command before connect');
    if (name === 'createStream') {
      this.events.write(encodeCommand(0, ['_result', id, null, STREAM_ID]));
    } else if (name === 'releaseStream' || name === 'FCPublish') {
      this.events.write(encodeCommand(0, ['_result', id, null, undefined]));
    } else if (name === 'publish') {
      this.publish(rest);
    } else if (name === 'FCUnpublish' || name === 'deleteStream' || name === 'closeStream') {
      if (this.stage === 'publishing') this.events.onUnpublish();
    } else if (name === 'play' || name === 'play2') {
      this.events.write(encodeStatus(STREAM_ID, 'error', 'NetStream.Play.Failed', 'This server only takes streams.'));
      throw new RtmpError('asked to play');
    }
    // `_checkbw`, `getStreamLength`, `onFI` and so on: clients wait for no answer to them.
  }

  private connect(transaction: number, object: AmfValue): void {
    if (this.stage !== 'new') throw new RtmpError('connected twice');
    const given: AmfObject = isObject(object) ? object : {};
    this.app = limited(given.app);
    this.agent = limited(given.flashVer);
    this.stage = 'connected';
    this.events.write(Buffer.concat([encodeWelcome(), encodeConnected(transaction)]));
  }

  private publish(args: AmfValue[]): void {
    if (this.stage !== 'connected') throw new RtmpError('published twice');
    const [streamKey = '', query = ''] = limited(args[0]).split('?');
    const isBackup = /^backup(\/|$)/.test(this.app) || new URLSearchParams(query).get('backup') === '1';
    this.stage = 'asking';
    this.chunks.maxMessageBytes = RTMP_LIMITS.bytesBeforeAnswer;
    this.events.onPublish({ streamKey, app: this.app, agent: this.agent, isBackup });
  }
}

/** Publishers send `@setDataFrame` before the name of the data; FLV has only the data. */
function unwrapped(payload: Buffer): Buffer {
  const wrapped = payload.subarray(0, SET_DATA_FRAME.length).equals(SET_DATA_FRAME);
  return wrapped ? payload.subarray(SET_DATA_FRAME.length) : payload;
}

function isObject(value: AmfValue): value is AmfObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function limited(value: AmfValue): string {
  return typeof value === 'string' ? value.slice(0, RTMP_LIMITS.nameLength) : '';
}
