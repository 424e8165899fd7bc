import { readRuns, runDuration, type SampleRun } from './fragments.ts';
import { canBeSilent, silenceBetween } from './silence.ts';
import { readTrackInit, type TrackInit } from './track-init.ts';

/** One track of a show as it is stored: CMAF headers by epoch, segments in order. */
export type MediaSource = {
  /** The epoch's header; null when it is lost. */
  init(epoch: number): Promise<Uint8Array | null>;
  /** Segments that are there, in order; gaps are left out. */
  segments: readonly { epoch: number; read(): Promise<Uint8Array | null> }[];
};

/** Samples with their bytes and how to decode them, on the track's own clock. */
export type Piece = { init: TrackInit; run: SampleRun; bytes: Uint8Array };

/** Segments that are fetched before they are needed: hides the store's answer time, and bounds the memory. */
const AHEAD = 4;

/**
 * The samples of a track in order, breaks in the sound filled with silence, all on the clock of its first header.
 * @throws what reading throws
 */
export async function* readPieces(source: MediaSource): AsyncGenerator<Piece> {
  const inits = new InitShelf(source);
  const { segments } = source;
  const fetched: Promise<Uint8Array | null>[] = [];
  let timescale = 0;
  let end: number | null = null;
  for (let i = 0; i < segments.length; i++) {
    while (fetched.length < AHEAD && i + fetched.length < segments.length) {
      const read = segments[i + fetched.length]?.read() ?? Promise.resolve(null);
      read.catch(() => {}); // told when its turn comes
      fetched.push(read);
    }
    const bytes = await fetched.shift();
    const init = bytes ? await inits.of(segments[i]?.epoch ?? 0) : null;
    if (!bytes || !init) continue;
    timescale ||= init.timescale;
    for (const raw of wholeRuns(bytes)) {
      const run = onClock(raw, init.timescale, timescale);
      const silence = end !== null && canBeSilent(init.sampleEntry) ? silenceBetween(end, run.start, timescale) : null;
      if (silence) yield { init: { ...init, timescale }, ...silence };
      yield { init: { ...init, timescale }, run, bytes: bytes.subarray(run.at, run.at + run.length) };
      end = run.start + runDuration(run);
    }
  }
}

/** Runs of which every byte is there; a segment that cannot be read at all gives none. */
function wholeRuns(bytes: Uint8Array): SampleRun[] {
  try {
    return readRuns(bytes).filter((run) => run.at + run.length <= bytes.length);
  } catch {
    return [];
  }
}

/** A run's times in another timescale: a restarted engine may count frames of another rate. */
function onClock(run: SampleRun, from: number, to: number): SampleRun {
  if (from === to) return run;
  const at = (ticks: number) => Math.round((ticks * to) / from);
  let time = run.start;
  const durations = run.durations.map((duration) => {
    const begin = at(time);
    time += duration;
    return at(time) - begin;
  });
  return { ...run, start: at(run.start), durations, offsets: run.offsets?.map(at) ?? null };
}

/** Headers by epoch. A lost one is replaced by a neighbour's: the same engine writes the same configuration. */
class InitShelf {
  readonly #source: MediaSource;
  readonly #known = new Map<number, TrackInit | null>();

  constructor(source: MediaSource) {
    this.#source = source;
  }

  async of(epoch: number): Promise<TrackInit | null> {
    const own = await this.#read(epoch);
    if (own) return own;
    const others = [...new Set(this.#source.segments.map((segment) => segment.epoch))];
    for (const other of others.sort((a, b) => Math.abs(a - epoch) - Math.abs(b - epoch))) {
      const near = await this.#read(other);
      if (near) return near;
    }
    return null;
  }

  async #read(epoch: number): Promise<TrackInit | null> {
    const known = this.#known.get(epoch);
    if (known !== undefined) return known;
    const bytes = await this.#source.init(epoch);
    const init = bytes && readTrackInit(bytes);
    this.#known.set(epoch, init);
    return init;
  }
}
