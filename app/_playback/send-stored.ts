import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MediaStorage } from '#core/recording/media-storage';
import { byteRange } from '#core/shared/byte-range';
import { OPEN, sameTag, send } from './respond.ts';

/** Bytes of a stored file that are in memory at a time, for each who downloads. */
const PIECE_BYTES = 1024 * 1024;

/** Letters of a title that make a file name. */
const LONGEST_NAME = 100;

export type StoredFile = { key: string; size: number; type: string; cache: string; headers?: Record<string, string> };

/**
 * Sends a stored file of any size, or the byte range of it that was asked for, piece by piece and never faster than the client takes it.
 * When storage fails in the middle the connection is cut: a player or a download manager goes on from there by a range.
 * @throws AppError 'storage-unavailable' before the first byte
 */
export async function sendStored(
  request: IncomingMessage,
  response: ServerResponse,
  storage: MediaStorage,
  file: StoredFile,
): Promise<void> {
  const { size } = file;
  const etag = `"${size.toString(36)}"`;
  const headers = {
    'content-type': file.type,
    'cache-control': file.cache,
    etag,
    'accept-ranges': 'bytes',
    ...file.headers,
  };
  if (sameTag(request.headers['if-none-match'], etag)) return send(request, response, 304, headers);
  const ifRange = request.headers['if-range'];
  const range = byteRange(ifRange === undefined || ifRange === etag ? request.headers.range : undefined, size);
  if (range === 'unsatisfiable') {
    return send(request, response, 416, {
      ...headers,
      'cache-control': 'no-store',
      'content-range': `bytes */${size}`,
    });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const first = request.method === 'HEAD' ? null : await readPiece(storage, file.key, start, end);
  const part = range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {};
  response.writeHead(range ? 206 : 200, { ...OPEN, ...headers, ...part, 'content-length': end - start + 1 });
  if (first === null) return void response.end();
  try {
    let at = start;
    for (let piece = first; ; piece = await readPiece(storage, file.key, at, end)) {
      at += piece.byteLength;
      if (!response.write(piece)) await drained(response);
      if (response.destroyed) return;
      if (at > end) break;
    }
    response.end();
  } catch {
    response.destroy();
  }
}

async function readPiece(storage: MediaStorage, key: string, from: number, end: number): Promise<Uint8Array> {
  const bytes = await storage.get(key, { start: from, end: Math.min(end, from + PIECE_BYTES - 1) });
  if (!bytes || bytes.byteLength === 0) throw new Error('the file changed while it was sent');
  return bytes;
}

/** Resolves when the client has taken what was written, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

/**
 * Content-Disposition with a show's title as file name: plain letters for old clients, the whole name for all others (RFC 6266 4.3, 8187).
 * @param title as the host wrote it
 */
export function disposition(kind: 'inline' | 'attachment', title: string, extension: string): string {
  // Characters that mean something to a file system or a shell are left out, control characters too.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
  const clean = title.normalize('NFC').replace(/[\u0000-\u001f\u007f"\\/:*?<>|]+|\p{Surrogate}/gu, ' ');
  const words = Array.from(clean.replace(/\s+/g, ' ').replace(/^[.\s]+/, ''));
  const name = `${words.slice(0, LONGEST_NAME).join('').trim() || 'recording'}${extension}`;
  const plain = name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/^\s*\./, `recording.`);
  const coded = encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${coded}`;
}
