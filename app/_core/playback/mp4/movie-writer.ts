import type { Piece } from './media-source.ts';
import { type MovieFacts, type MovieTrack, writeMovieHead } from './movie-head.ts';
import { SampleTable } from './sample-table.ts';

/**
 * Where a movie goes: media first, its head in front of it at the end. Whoever opens one keeps `room` bytes for the head.
 */
export type MovieSink = {
  /** Appends; the bytes may be changed by the caller afterwards. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts the head in front and closes: only now is there a file. */
  finish(head: Uint8Array): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
};

/** The head grew over the room that was kept for it: to be written again with `needed` bytes. */
export class HeadTooLarge extends Error {
  constructor(readonly needed: number) {
    super(`the head of the movie needs ${needed} bytes`);
  }
}

/** What a finished movie is. */
export type MovieResult = { bytes: number; durationS: number; samples: number };

/** One progressive file in the making. */
export class MovieWriter {
  readonly #tracks = new Map<number, MovieTrack>();
  readonly #sink: MovieSink;
  readonly #room: number;
  #mediaBytes = 0;

  constructor(sink: MovieSink, room: number) {
    this.#sink = sink;
    this.#room = room;
  }

  /** Adds one chunk: pieces of one track that follow each other. Those with another sample entry begin a chunk of their own. */
  async add(track: number, pieces: readonly Piece[]): Promise<void> {
    for (let i = 0; i < pieces.length; ) {
      const first = pieces[i];
      if (!first) return;
      const { init } = first;
      let next = i;
      while (pieces[next]?.init.sampleEntry === init.sampleEntry) next++;
      const chunk = pieces.slice(i, next);
      this.#tableOf(track, first).addChunk(
        this.#mediaBytes,
        init.sampleEntry,
        chunk.map(({ run }) => run),
      );
      for (const { bytes } of chunk) {
        this.#mediaBytes += bytes.length;
        await this.#sink.write(bytes);
      }
      i = next;
    }
  }

  #tableOf(track: number, { init }: Piece): SampleTable {
    const known = this.#tracks.get(track);
    if (!known) {
      const table = new SampleTable();
      this.#tracks.set(track, { init, table });
      return table;
    }
    // The largest picture of the show is the movie's.
    if (init.height > known.init.height) known.init = init;
    return known.table;
  }

  /**
   * Writes the head and closes the file.
   * @returns null when nothing was added: there is no file then
   * @throws HeadTooLarge
   */
  async finish(facts: MovieFacts): Promise<MovieResult | null> {
    const tracks = [...this.#tracks].sort(([a], [b]) => a - b).map(([, track]) => track);
    if (tracks.length === 0) {
      await this.#sink.abort();
      return null;
    }
    const made = writeMovieHead(tracks, facts, { room: this.#room, mediaBytes: this.#mediaBytes });
    if ('needed' in made) throw new HeadTooLarge(made.needed);
    await this.#sink.finish(made.head);
    const beginS = Math.min(...tracks.map(({ init, table }) => table.start / init.timescale));
    const endS = Math.max(...tracks.map(({ init, table }) => table.end / init.timescale));
    const samples = tracks.reduce((sum, { table }) => sum + table.samples, 0);
    return { bytes: this.#room + this.#mediaBytes, durationS: endS - beginS, samples };
  }

  async abort(): Promise<void> {
    await this.#sink.abort();
  }
}
