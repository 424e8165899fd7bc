import type { MediaStorage } from '#core/recording/media-storage';
import { byteRange } from '#core/shared/byte-range';
import { PRIVATE } from './answer.ts';

/** Bytes of a stored file that are in memory at a time, for each who downloads. */
const PIECE_BYTES = 1024 * 1024;

/**
 * A stored file as a download, or the byte range of it that was asked for, read piece by piece as the client takes it. When storage fails in the
 * middle the connection is cut: a download manager goes on from there by a range.
 * @param file plain letters in `name`
 */
export function answerStored(
  request: Request,
  storage: Pick<MediaStorage, 'get'>,
  { key, size, name, type }: { key: string; size: number; name: string; type: string },
): Response {
  const etag = `"${size.toString(36)}"`;
  const headers = new Headers({
    ...PRIVATE,
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    etag,
  });
  const ifRange = request.headers.get('if-range');
  const wanted = ifRange === null || ifRange === etag ? request.headers.get('range') : null;
  const range = byteRange(wanted ?? undefined, size);
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  headers.set('content-length', String(end - start + 1));
  if (range) headers.set('content-range', `bytes ${start}-${end}/${size}`);
  let at = start;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = await storage.get(key, { start: at, end: Math.min(end, at + PIECE_BYTES - 1) });
        if (!bytes || bytes.byteLength === 0) throw new Error('the file changed while it was sent');
        at += bytes.byteLength;
        controller.enqueue(bytes);
        if (at > end) controller.close();
      },
    },
    // Nothing is read ahead of the client.
    { highWaterMark: 0 },
  );
  return new Response(request.method === 'HEAD' ? null : body, { status: range ? 206 : 200, headers });
}
