import { runDuration } from './fragments.ts';
import { type MediaSource, type Piece, readPieces } from './media-source.ts';
import type { MovieFacts } from './movie-head.ts';
import { HeadTooLarge, type MovieResult, type MovieSink, MovieWriter } from './movie-writer.ts';

/** One file to be made of some of the tracks. */
export type MovieOrder = {
  /** Indexes into the tracks, picture first. */
  tracks: readonly number[];
  facts: MovieFacts;
  /** Opens the place it goes to, with `room` bytes kept in front; called again when the room did not suffice. */
  open(room: number): Promise<MovieSink>;
};

/** A track and how much of it there is about, to know how long the head will be. */
export type MovieSource = MediaSource & { expected: { durationS: number; samplesPerS: number } };

export type RemuxSteps = {
  /** Called about once a second of the show with how far it is, s; what it waits for slows the work down. */
  onProgress?(doneS: number): Promise<void> | void;
  signal?: AbortSignal;
};

/** Sound and picture take turns after so much of each, s: a player that reads in order never waits for the other one. */
const TURN_S = 0.5;

/**
 * Makes progressive files (head first) of stored CMAF tracks, all of them in one reading: what a file holds is copied, never decoded.
 * Memory does not grow with the show but by its sample tables (about 5 bytes a sample).
 * @returns what became of each order; null when its tracks have no samples
 * @throws what reading and the sinks throw, after every sink was aborted
 */
export async function remux(
  sources: readonly MovieSource[],
  orders: readonly MovieOrder[],
  steps: RemuxSteps = {},
): Promise<(MovieResult | null)[]> {
  const results: (MovieResult | null)[] = orders.map(() => null);
  let open = orders.map((order, index) => ({ order, index, room: headRoom(sources, order) }));
  while (open.length > 0) {
    const tooSmall: typeof open = [];
    const writers = await openWriters(open);
    try {
      await copy(sources, writers, steps);
      for (const [i, { order, index }] of open.entries()) {
        try {
          results[index] = (await writers[i]?.writer.finish(order.facts)) ?? null;
        } catch (error) {
          if (!(error instanceof HeadTooLarge)) throw error;
          await writers[i]?.writer.abort();
          tooSmall.push({ order, index, room: error.needed + 64 });
        }
      }
    } catch (error) {
      await Promise.all(writers.map(({ writer }) => writer.abort().catch(() => {})));
      throw error;
    }
    open = tooSmall;
  }
  return results;
}

type Open = { order: MovieOrder; writer: MovieWriter };

async function openWriters(orders: readonly { order: MovieOrder; room: number }[]): Promise<Open[]> {
  const writers: Open[] = [];
  try {
    for (const { order, room } of orders)
      writers.push({ order, writer: new MovieWriter(await order.open(room), room) });
    return writers;
  } catch (error) {
    await Promise.all(writers.map(({ writer }) => writer.abort().catch(() => {})));
    throw error;
  }
}

type Reader = { track: number; pieces: AsyncGenerator<Piece>; next: Piece | null };

/** Reads every track once, in order of time, and hands each turn to every file that wants the track. */
async function copy(sources: readonly MovieSource[], writers: readonly Open[], steps: RemuxSteps): Promise<void> {
  const wanted = [...new Set(writers.flatMap(({ order }) => order.tracks))];
  const readers: Reader[] = [];
  for (const track of wanted) {
    const source = sources[track];
    if (source) readers.push({ track, pieces: readPieces(source), next: null });
  }
  try {
    for (const reader of readers) await advance(reader);
    let toldS = Number.NEGATIVE_INFINITY;
    for (let reader = earliest(readers); reader; reader = earliest(readers)) {
      steps.signal?.throwIfAborted();
      const turn: Piece[] = [];
      let lengthS = 0;
      for (let piece = reader.next; piece && lengthS < TURN_S; piece = reader.next) {
        turn.push(piece);
        lengthS += runDuration(piece.run) / piece.init.timescale;
        await advance(reader);
      }
      for (const { order, writer } of writers) {
        if (order.tracks.includes(reader.track)) await writer.add(order.tracks.indexOf(reader.track), turn);
      }
      const first = turn[0];
      const doneS = first ? first.run.start / first.init.timescale : 0;
      if (doneS - toldS < 1) continue;
      toldS = doneS;
      await steps.onProgress?.(doneS);
    }
  } finally {
    for (const { pieces } of readers) await pieces.return(undefined);
  }
}

async function advance(reader: Reader): Promise<void> {
  const { value, done } = await reader.pieces.next();
  reader.next = done ? null : value;
}

const beginS = ({ next }: Reader) => (next ? next.run.start / next.init.timescale : Number.POSITIVE_INFINITY);

function earliest(readers: readonly Reader[]): Reader | undefined {
  const open = readers.filter(({ next }) => next !== null);
  return open.reduce<Reader | undefined>(
    (first, one) => (first && beginS(first) <= beginS(one) ? first : one),
    undefined,
  );
}

/** Boxes of fixed length, titles, several sample entries. */
const ROOM_FIXED = 16_384;
/** `stsz` 4, `stss` and changes of duration on top: more only for a show whose every other picture was late. */
const ROOM_A_SAMPLE = 6;
/** `co64` 8, `stsc` 12. */
const ROOM_A_CHUNK = 20;

function headRoom(sources: readonly MovieSource[], { tracks, facts }: MovieOrder): number {
  const bytes = tracks.map((track) => {
    const { durationS = 0, samplesPerS = 0 } = sources[track]?.expected ?? {};
    const segments = sources[track]?.segments.length ?? 0;
    return durationS * samplesPerS * ROOM_A_SAMPLE + (durationS / TURN_S + 2 * segments) * ROOM_A_CHUNK;
  });
  return Math.ceil(ROOM_FIXED + 4 * (facts.title?.length ?? 0) + bytes.reduce((sum, each) => sum + each, 0) * 1.05);
}
