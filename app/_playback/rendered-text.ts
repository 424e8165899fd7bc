import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { RenderedText } from './playable.ts';

const gzipAsync = promisify(gzip);
/** Level 1 is within 10 % of level 6 on playlists and five times as fast. */
const GZIP_LEVEL = 1;

/** Prepares a text for sharing: encoded once, compressed once at first need, tagged by its content. */
export function renderText(text: string): RenderedText {
  const raw = Buffer.from(text);
  let zipped: Promise<Buffer> | undefined;
  // Weak: the same tag stands for the plain and the compressed form.
  const etag = `W/"${createHash('sha1').update(raw).digest('base64url')}"`;
  const made: RenderedText = {
    raw,
    etag,
    gzip() {
      zipped ??= gzipAsync(raw, { level: GZIP_LEVEL }).then((bytes) => {
        made.zipped = bytes;
        return bytes;
      });
      return zipped;
    },
  };
  return made;
}
