import { connect, type Socket } from 'node:net';
import { type AmfValue, encodeAmf0 } from './amf0.ts';

/** Bytes of one message as an encoder sends them: type 0 chunk, then type 3, extended timestamps where needed. */
export function chunksOf(
  message: { chunkStream?: number; type: number; streamId?: number; timestampMs?: number; payload: Buffer },
  chunkBytes = 128,
): Buffer {
  const { chunkStream = 4, type, streamId = 0, timestampMs = 0, payload } = message;
  const isExtended = timestampMs >= 0xff_ff_ff;
  const extended = Buffer.alloc(isExtended ? 4 : 0);
  if (isExtended) extended.writeUInt32BE(timestampMs);
  const header = Buffer.alloc(12);
  header[0] = chunkStream;
  header.writeUIntBE(isExtended ? 0xff_ff_ff : timestampMs, 1, 3);
  header.writeUIntBE(payload.length, 4, 3);
  header[7] = type;
  header.writeUInt32LE(streamId, 8);
  const pieces: Buffer[] = [header, extended];
  for (let at = 0; at < payload.length; at += chunkBytes) {
    if (at > 0) pieces.push(Buffer.from([0xc0 | chunkStream]), extended);
    pieces.push(payload.subarray(at, at + chunkBytes));
  }
  return Buffer.concat(pieces);
}

export function command(...values: AmfValue[]): Buffer {
  return chunksOf({ chunkStream: 3, type: 20, payload: encodeAmf0(values) });
}

/** What an encoder says up to `publish`. */
export function publishDialogue(streamKey: string, app = 'live'): Buffer {
  return Buffer.concat([
    Buffer.from([3]),
    Buffer.alloc(1536, 7),
    Buffer.alloc(1536, 9),
    command('connect', 1, { app, flashVer: 'FMLE/3.0 (compatible; test)', tcUrl: 'rtmp://localhost/live' }),
    command('releaseStream', 2, null, streamKey),
    command('FCPublish', 3, null, streamKey),
    command('createStream', 4, null),
    command('publish', 5, null, streamKey, 'live'),
  ]);
}

/** A socket that collects what it is told. */
export async function connectEncoder(
  port: number,
): Promise<{ socket: Socket; heard(): string; whenClosed: Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  const whenClosed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return { socket, heard: () => heard, whenClosed };
}
