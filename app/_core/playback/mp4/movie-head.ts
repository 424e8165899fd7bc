import type { SampleTable } from './sample-table.ts';
import type { TrackInit } from './track-init.ts';
import { box, fullBox, join, letters, u16, u32, u64, zeros } from './write-boxes.ts';

export type MovieTrack = { init: TrackInit; table: SampleTable };
export type MovieFacts = {
  /** Shown by players and file managers. */
  title?: string;
  /** When the show began, ms since 1970. */
  createdAtMs?: number;
};

/** Units of the movie's own time a second: whole video ticks, and 11 µs off at most for sound. */
const MOVIE_TIMESCALE = 90_000;
const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const UNDETERMINED_LANGUAGE = 0x55c4;
const U32 = 0xffffffff;
/** Seconds from 1904, the epoch of ISO files, to 1970. */
const EPOCH_1904_S = 2_082_844_800;
/** Header of an `mdat` with a size of 64 bits. */
const MDAT_HEAD = 16;
const FREE_HEAD = 8;

/**
 * Everything of a progressive file before its media: `ftyp`, `moov`, `free`, and the header of `mdat`, so that it plays while it loads.
 * @param room bytes that are kept for it
 * @returns exactly `room` bytes, or how many it would have needed
 * Source: ISO/IEC 14496-12, 4.3, 8.1, 8.2
 */
export function writeMovieHead(
  tracks: readonly MovieTrack[],
  facts: MovieFacts,
  { room, mediaBytes }: { room: number; mediaBytes: number },
): { head: Uint8Array } | { needed: number } {
  const audioOnly = tracks.every(({ init }) => init.kind === 'audio');
  const brands = audioOnly ? ['M4A ', 'isom', 'mp42'] : ['isom', 'iso2', 'avc1', 'mp41'];
  const ftyp = box('ftyp', letters(brands[0] ?? 'isom'), u32(0x200), ...brands.map(letters));
  const moov = writeMoov(tracks, facts, room, room + mediaBytes > U32);
  const needed = ftyp.length + moov.length + FREE_HEAD + MDAT_HEAD;
  if (needed > room) return { needed };
  const free = box('free', zeros(room - needed));
  const mdat = [u32(1), letters('mdat'), u64(mediaBytes + MDAT_HEAD)];
  return { head: join([ftyp, moov, free, ...mdat], room) };
}

/** What is the same for all tracks: where the movie's time begins and when it was made. */
type Movie = { beginS: number; created: number; mediaAt: number; wide: boolean };

function writeMoov(tracks: readonly MovieTrack[], facts: MovieFacts, mediaAt: number, wide: boolean): Uint8Array {
  const startS = ({ init, table }: MovieTrack) => (table.start + table.firstOffset) / init.timescale;
  const beginS = Math.min(...tracks.map(startS));
  const created = facts.createdAtMs === undefined ? 0 : Math.round(facts.createdAtMs / 1000) + EPOCH_1904_S;
  const movie: Movie = { beginS, created, mediaAt, wide };
  const lengths = tracks.map((track) => movieUnits(endS(track) - beginS));
  const traks = tracks.map((track, i) => writeTrak(i + 1, track, movie, lengths[i] ?? 0));
  const length = Math.max(0, ...lengths);
  const mvhd = fullBox(
    'mvhd',
    1,
    0,
    u64(created),
    u64(created),
    u32(MOVIE_TIMESCALE),
    u64(length),
    u32(0x10000),
    u16(0x0100, 0),
    zeros(8),
    UNITY_MATRIX,
    zeros(24),
    u32(tracks.length + 1),
  );
  return box('moov', mvhd, ...traks, ...(facts.title ? [writeTitle(facts.title)] : []));
}

const movieUnits = (seconds: number) => Math.round(seconds * MOVIE_TIMESCALE);
const endS = ({ init, table }: MovieTrack) => table.end / init.timescale;

function writeTrak(id: number, track: MovieTrack, movie: Movie, length: number): Uint8Array {
  const { init, table } = track;
  const { created, beginS, mediaAt, wide } = movie;
  const video = init.kind === 'video';
  const mediaLength = table.end - table.start;
  const tkhd = fullBox(
    'tkhd',
    1,
    3, // enabled, in the movie
    u64(created),
    u64(created),
    u32(id, 0),
    u64(length),
    zeros(8),
    u16(0, video ? 0 : 1, video ? 0 : 0x0100, 0), // sounds are alternatives of each other
    UNITY_MATRIX,
    u32(init.width * 0x10000, init.height * 0x10000),
  );
  const delay = movieUnits((table.start + table.firstOffset) / init.timescale - beginS);
  const mdhd = fullBox(
    'mdhd',
    1,
    0,
    u64(created),
    u64(created),
    u32(init.timescale),
    u64(mediaLength),
    u16(UNDETERMINED_LANGUAGE, 0),
  );
  const hdlr = fullBox('hdlr', 0, 0, u32(0), letters(video ? 'vide' : 'soun'), zeros(12), letters(`Openair\0`));
  const media = video ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4));
  const dinf = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const stbl = table.write(mediaAt, wide);
  const edts = writeEdits(delay, movieUnits(mediaLength / init.timescale), table.firstOffset);
  return box('trak', tkhd, ...edts, box('mdia', mdhd, hdlr, box('minf', media, dinf, stbl)));
}

/** A track that begins after the other one waits: an empty edit (14496-12, 8.6.6). None when there is nothing to say. */
function writeEdits(delay: number, length: number, mediaTime: number): Uint8Array[] {
  if (delay <= 0 && mediaTime === 0) return [];
  const edit = (duration: number, from: number) => join([u64(duration), u64(from), u16(1, 0)]);
  const empty = join([u64(delay), u32(U32, U32), u16(1, 0)]);
  const edits = [...(delay > 0 ? [empty] : []), edit(length, mediaTime)];
  return [box('edts', fullBox('elst', 1, 0, u32(edits.length), ...edits))];
}

/** The title as players look for it: an item list in the movie's metadata. */
function writeTitle(title: string): Uint8Array {
  const text = new TextEncoder().encode(title);
  const data = box('data', u32(1, 0), text); // 1: UTF-8
  const hdlr = fullBox('hdlr', 0, 0, u32(0), letters('mdirappl'), zeros(9));
  return box('udta', fullBox('meta', 0, 0, hdlr, box('ilst', box('\u00a9nam', data))));
}
