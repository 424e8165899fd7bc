/**
 * The handshake of SRT (draft-sharabayko-srt-01, 3.2.1 and 4.3), as far as a front needs it that reads the stream id before any SRT library
 * sees the caller. Everything after it is passed on unread.
 */

const HEADER_BYTES = 16;
const HANDSHAKE_BYTES = 48;
const CONTROL = 0x8000;
const CONTROL_HANDSHAKE = 0;
const CONTROL_SHUTDOWN = 5;
const EXT_KEY_MATERIAL = 3;
const EXT_STREAM_ID = 5;
const MAX_STREAM_ID_BYTES = 512;
const INDUCTION = 1;
const CONCLUSION = 0xff_ff_ff_ff;
const FIRST_REJECTION = 1000;
const LAST_REJECTION = 9999;
const LISTENER_MAGIC = 0x4a_17;
const HS_VERSION = 5;
const CALLERS_FIRST_VERSION = 4;
const CALLERS_FIRST_EXTENSION = 2;

/** Where the fields stand in a handshake packet. */
const AT = { destination: 12, version: 16, encryption: 20, extension: 22, type: 36, socketId: 40, cookie: 44 } as const;

export type Handshake = {
  version: number;
  kind: 'induction' | 'conclusion' | 'other';
  socketId: number;
  cookie: number;
  /** Empty when the caller sent none. */
  streamId: string;
  /** The caller encrypts. */
  isEncrypted: boolean;
  /** Set when the other side turns the connection down: `SRT_REJ_*` and 1000. */
  rejection: number | null;
};

/** Why a caller is turned away: `SRT_REJ_*` and the predefined codes of access control, each with 1000 added on the wire. */
export const REJECTION = {
  resource: 1003,
  version: 1008,
  badSecret: 1010,
  unsecure: 1011,
  unauthorized: 2401,
  overloaded: 2402,
  forbidden: 2403,
  conflict: 2409,
} as const;

/** @returns null when the packet is no handshake, or damaged */
export function readHandshake(packet: Buffer): Handshake | null {
  if (packet.length < HEADER_BYTES + HANDSHAKE_BYTES) return null;
  if (packet.readUInt16BE(0) !== (CONTROL | CONTROL_HANDSHAKE)) return null;
  const type = packet.readUInt32BE(AT.type);
  const extensions = type === CONCLUSION ? readExtensions(packet) : null;
  return {
    version: packet.readUInt32BE(AT.version),
    kind: type === INDUCTION ? 'induction' : type === CONCLUSION ? 'conclusion' : 'other',
    socketId: packet.readUInt32BE(AT.socketId),
    cookie: packet.readUInt32BE(AT.cookie),
    streamId: extensions?.streamId ?? '',
    isEncrypted: extensions?.isEncrypted ?? false,
    rejection: type >= FIRST_REJECTION && type <= LAST_REJECTION ? type : null,
  };
}

function readExtensions(packet: Buffer): { streamId: string; isEncrypted: boolean } {
  const found = { streamId: '', isEncrypted: false };
  for (let at = HEADER_BYTES + HANDSHAKE_BYTES; at + 4 <= packet.length; ) {
    const type = packet.readUInt16BE(at);
    const bytes = packet.readUInt16BE(at + 2) * 4;
    at += 4;
    if (bytes > packet.length - at) break;
    if (type === EXT_KEY_MATERIAL) found.isEncrypted = true;
    if (type === EXT_STREAM_ID && bytes <= MAX_STREAM_ID_BYTES)
      found.streamId = readText(packet.subarray(at, at + bytes));
    at += bytes;
  }
  return found;
}

/** Text is sent in 32-bit words with their bytes turned round (3.2.1.3). */
function readText(bytes: Buffer): string {
  return Buffer.from(bytes).swap32().toString('utf8').replace(/\0+$/, '');
}

export function isShutdown(packet: Buffer): boolean {
  return packet.length >= HEADER_BYTES && packet.readUInt16BE(0) === (CONTROL | CONTROL_SHUTDOWN);
}

/** The answer to a caller's induction: our cookie, which it has to show again. */
export function answerInduction(request: Buffer, cookie: number, ourSocketId: number): Buffer {
  const answer = Buffer.from(request.subarray(0, HEADER_BYTES + HANDSHAKE_BYTES));
  answer.writeUInt32BE(request.readUInt32BE(AT.socketId), AT.destination);
  answer.writeUInt32BE(HS_VERSION, AT.version);
  answer.writeUInt16BE(0, AT.encryption);
  answer.writeUInt16BE(LISTENER_MAGIC, AT.extension);
  answer.writeUInt32BE(ourSocketId, AT.socketId);
  answer.writeUInt32BE(cookie, AT.cookie);
  return answer;
}

/** Turns a conclusion down. @param code one of `REJECTION` */
export function answerRejection(request: Buffer, code: number): Buffer {
  const answer = Buffer.from(request.subarray(0, HEADER_BYTES + HANDSHAKE_BYTES));
  answer.writeUInt32BE(request.readUInt32BE(AT.socketId), AT.destination);
  answer.writeUInt32BE(HS_VERSION, AT.version);
  answer.writeUInt16BE(0, AT.encryption);
  answer.writeUInt16BE(0, AT.extension);
  answer.writeUInt32BE(code, AT.type);
  return answer;
}

/** The induction that a caller would have sent to the library behind us, made from its conclusion. */
export function inductionFrom(conclusion: Buffer): Buffer {
  const request = Buffer.from(conclusion.subarray(0, HEADER_BYTES + HANDSHAKE_BYTES));
  request.writeUInt32BE(0, AT.destination);
  request.writeUInt32BE(CALLERS_FIRST_VERSION, AT.version);
  request.writeUInt16BE(0, AT.encryption);
  request.writeUInt16BE(CALLERS_FIRST_EXTENSION, AT.extension);
  request.writeUInt32BE(INDUCTION, AT.type);
  request.writeUInt32BE(0, AT.cookie);
  return request;
}

/** The same conclusion with the cookie of the library behind us. */
export function withCookie(conclusion: Buffer, cookie: number): Buffer {
  const packet = Buffer.from(conclusion);
  packet.writeUInt32BE(cookie, AT.cookie);
  return packet;
}
