import { type AmfObject, type AmfValue, encodeAmf0 } from './amf0.ts';

/** Chunk size of what we send, announced before the first reply. */
export const OUR_CHUNK_BYTES = 4096;
const ACK_WINDOW_BYTES = 2_500_000;
const CONTROL_CHUNK_STREAM = 2;
const COMMAND_CHUNK_STREAM = 3;

/** One message as chunks (type 0, then type 3), Adobe RTMP 1.0, 5.3.1. Timestamps of ours are always 0. */
export function encodeMessage(type: number, streamId: number, payload: Buffer, chunkBytes = OUR_CHUNK_BYTES): Buffer {
  const chunkStream = type === 20 ? COMMAND_CHUNK_STREAM : CONTROL_CHUNK_STREAM;
  const header = Buffer.alloc(12);
  header[0] = chunkStream;
  header.writeUIntBE(payload.length, 4, 3);
  header[7] = type;
  header.writeUInt32LE(streamId, 8);
  const pieces: Buffer[] = [header];
  for (let at = 0; at < payload.length; at += chunkBytes) {
    if (at > 0) pieces.push(Buffer.from([0xc0 | chunkStream]));
    pieces.push(payload.subarray(at, at + chunkBytes));
  }
  return Buffer.concat(pieces);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** What precedes the answer to `connect`: window, peer bandwidth (dynamic), and only after its announcement the larger chunks. */
export function encodeWelcome(): Buffer {
  return Buffer.concat([
    encodeMessage(5, 0, uint32(ACK_WINDOW_BYTES)),
    encodeMessage(6, 0, Buffer.concat([uint32(ACK_WINDOW_BYTES), Buffer.from([2])])),
    encodeMessage(1, 0, uint32(OUR_CHUNK_BYTES)),
  ]);
}

export function encodeAck(receivedBytes: number): Buffer {
  return encodeMessage(3, 0, uint32(receivedBytes));
}

/** User control event: 0 stream begin, 6 ping, 7 pong. */
export function encodeUserControl(event: 0 | 6 | 7, value: number): Buffer {
  const kind = Buffer.alloc(2);
  kind.writeUInt16BE(event);
  return encodeMessage(4, 0, Buffer.concat([kind, uint32(value)]));
}

export function encodeCommand(streamId: number, values: AmfValue[]): Buffer {
  return encodeMessage(20, streamId, encodeAmf0(values));
}

/** Enhanced RTMP v2, FourCcInfoMask and CapsExMask. */
const CAN_DECODE = 1;
const CAN_FORWARD = 4;
const CAPS_MULTITRACK = 2;
const CAPS_MODEX = 4;

export function encodeConnected(transaction: number): Buffer {
  const server: AmfObject = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };
  const info: AmfObject = {
    level: 'status',
    code: 'NetConnection.Connect.Success',
    description: 'Connection succeeded.',
    objectEncoding: 0,
    // Enhanced RTMP v1 and v2: HEVC, AV1 and VP9 are taken, and transcoded; multitrack and nanosecond modifiers are understood.
    fourCcList: ['hvc1', 'av01', 'avc1', 'vp09', 'mp4a', 'Opus'],
    videoFourCcInfoMap: { avc1: CAN_FORWARD, hvc1: CAN_DECODE, av01: CAN_DECODE, vp09: CAN_DECODE },
    audioFourCcInfoMap: { mp4a: CAN_DECODE, Opus: CAN_DECODE, '.mp3': CAN_DECODE },
    capsEx: CAPS_MULTITRACK | CAPS_MODEX,
  };
  return encodeCommand(0, ['_result', transaction, server, info]);
}

/** `onStatus` of a publishing stream: level `status` or `error`. */
export function encodeStatus(streamId: number, level: 'status' | 'error', code: string, description: string): Buffer {
  return encodeCommand(streamId, ['onStatus', 0, null, { level, code, description }]);
}
