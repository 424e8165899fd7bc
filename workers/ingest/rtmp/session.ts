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
};

export type SessionEvents = {
  write(bytes: Buffer): void;
  /** Called once; answer with `accept()` or `refuse()`. Media sent before the answer is a breach. */
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
  private peerWindow = DEFAULT_PEER_WINDOW;

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
    if (type === 8 || type === 9) return this.media(type, message);
    if (type === 18) return this.data(message, payload);
    if (type === 15) return this.data(message, payload.subarray(1));
    if (type === 20) return this.command(payload);
    if (type === 17) return this.command(payload.subarray(1));
    if (type === 4) return this.userControl(payload);
    if (type === 5 && payload.length >= 4) this.peerWindow = Math.max(payload.readUInt32BE(0), 65_536);
    // Others (acknowledgements, peer bandwidth, shared objects, aggregates) need no answer from a server that only takes.
  }

  private media(type: 8 | 9, message: RtmpMessage): void {
    if (this.stage !== 'publishing') throw new RtmpError('media before the publish was accepted');
    if (message.payload.length > 0) this.events.onTag(type, message.timestampMs, message.payload);
  }

  private data(message: RtmpMessage, payload: Buffer): void {
    // Metadata right behind `publish` is normal; it comes again with the first sequence headers or is not needed.
    if (this.stage !== 'publishing') return;
    const wrapped = payload.subarray(0, SET_DATA_FRAME.length).equals(SET_DATA_FRAME);
    this.events.onTag(18, message.timestampMs, wrapped ? payload.subarray(SET_DATA_FRAME.length) : payload);
  }

  private userControl(payload: Buffer): void {
    if (payload.length >= 6 && payload.readUInt16BE(0) === 6) {
      this.events.write(encodeUserControl(7, payload.readUInt32BE(2)));
    }
  }

  private command(payload: Buffer): void {
    if (this.stage !== 'publishing') {
      this.commands += 1;
      if (this.commands > RTMP_LIMITS.commandsBeforePublish) throw new RtmpError('too many commands');
    }
    const [name, transaction, object, ...rest] = decodeAmf0(payload);
    const id = typeof transaction === 'number' ? transaction : 0;
    if (name === 'connect') return this.connect(id, object);
    if (this.stage === 'new') throw new RtmpError('command before connect');
    switch (name) {
      case 'createStream':
        return this.events.write(encodeCommand(0, ['_result', id, null, STREAM_ID]));
      case 'releaseStream':
      case 'FCPublish':
        return this.events.write(encodeCommand(0, ['_result', id, null, undefined]));
      case 'publish':
        return this.publish(rest);
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        if (this.stage === 'publishing') this.events.onUnpublish();
        return;
      case 'play':
      case 'play2':
        this.events.write(encodeStatus(STREAM_ID, 'error', 'NetStream.Play.Failed', 'This server only takes streams.'));
        throw new RtmpError('asked to play');
      default:
        // `_checkbw`, `getStreamLength`, `onFI` and so on: clients wait for no answer to them.
        return;
    }
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
    const [streamKey = ''] = limited(args[0]).split('?');
    this.stage = 'asking';
    this.events.onPublish({ streamKey, app: this.app, agent: this.agent });
  }
}

function isObject(value: AmfValue): value is AmfObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function limited(value: AmfValue): string {
  return typeof value === 'string' ? value.slice(0, RTMP_LIMITS.nameLength) : '';
}
