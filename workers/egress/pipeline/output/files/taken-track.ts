import { open } from 'node:fs/promises';
import type { MovieSource } from '#core/playback/mp4/remux';

type Piece = { at: number; length: number };
type TakenFile = { path: string; init: Piece; pieces: Piece[] };

/** Fragments that are read at once: a second of a large picture. */
const PIECE_BYTES = 1024 * 1024;
/** Header of a box, with the 64 bits of a long size. */
const HEAD = 16;

/**
 * Files of one track, written by one process after the other, as the remux reads them. A process that died left a last fragment that is
 * not whole: it is passed over.
 * @param expected about how much there is
 */
export async function openTakenTrack(
  paths: readonly string[],
  expected: MovieSource['expected'],
): Promise<MovieSource> {
  const files = await Promise.all(paths.map(scan));
  return {
    expected,
    init: async (epoch) => {
      const file = files[epoch];
      return file ? readPiece(file.path, file.init) : null;
    },
    segments: files.flatMap(({ path, pieces }, epoch) =>
      pieces.map((piece) => ({ epoch, read: () => readPiece(path, piece) })),
    ),
  };
}

async function readPiece(path: string, { at, length }: Piece): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, at);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Walks the boxes of a file by their headers alone: where its CMAF header ends and its whole fragments lie. */
async function scan(path: string): Promise<TakenFile> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(HEAD);
    const taken: TakenFile = { path, init: { at: 0, length: 0 }, pieces: [] };
    let fragment = -1;
    for (let at = 0; at + 8 <= size; ) {
      await file.read(head, 0, HEAD, at);
      const type = head.toString('latin1', 4, 8);
      const short = head.readUInt32BE(0);
      const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
      if (length < 8 || at + length > size) break;
      if (type === 'moof') fragment = at;
      else if (type === 'moov') taken.init.length = at + length;
      else if (type === 'mdat' && fragment >= 0) addFragment(taken.pieces, fragment, at + length);
      at += length;
    }
    return taken;
  } finally {
    await file.close();
  }
}

function addFragment(pieces: Piece[], at: number, end: number): void {
  const last = pieces.at(-1);
  if (last && end - last.at <= PIECE_BYTES) last.length = end - last.at;
  else pieces.push({ at, length: end - at });
}
