import type { SampleRun } from './fragments.ts';
import { NumberList, RunList } from './number-list.ts';
import { box, fullBox, join, u32 } from './write-boxes.ts';

/** The longest a sample may last: what every reader's signed arithmetic takes. */
const LONGEST = 0x7fffffff;
const U32_RANGE = 0x100000000;

/**
 * The `stbl` of one track of a progressive file, gathered chunk by chunk. Holds numbers only, about five bytes a sample.
 * Source: ISO/IEC 14496-12, 8.5 to 8.7
 */
export class SampleTable {
  readonly #entries: Uint8Array[] = [];
  readonly #sizes = new NumberList();
  readonly #durations = new RunList();
  readonly #offsets = new RunList();
  readonly #sync = new NumberList();
  readonly #chunks = {
    high: new NumberList(),
    low: new NumberList(),
    samples: new NumberList(),
    entry: new NumberList(),
  };
  #reordered = false;
  #closed = false;
  #firstOffset = 0;
  #start = 0;
  /** Begin of the newest sample, and how long it said it lasts: the truth is known when the next one comes. */
  #newest: { begin: number; duration: number } | null = null;

  get samples(): number {
    return this.#sizes.length;
  }

  /** Decode time of the first sample, in the track's timescale. */
  get start(): number {
    return this.#start;
  }

  /** Presentation minus decode time of the first sample. */
  get firstOffset(): number {
    return this.#firstOffset;
  }

  /** Time at which the newest sample ends. */
  get end(): number {
    return this.#newest ? this.#newest.begin + this.#newest.duration : 0;
  }

  /**
   * Adds one chunk: samples that lie together in the file.
   * @param offset of its first byte, counted from the beginning of the media
   * @param entry its sample entry; equal ones are written once
   * @param runs in decode order. A sample lasts until the next one begins, so gaps keep true time; one that would begin before the one
   *   before it begins right after, and time recovers with the samples that follow
   */
  addChunk(offset: number, entry: Uint8Array, runs: readonly SampleRun[]): void {
    const before = this.samples;
    for (const run of runs) this.#addRun(run);
    const { high, low, samples, entry: entries } = this.#chunks;
    high.push(Math.floor(offset / U32_RANGE));
    low.push(offset % U32_RANGE);
    samples.push(this.samples - before);
    entries.push(this.#entryNumber(entry));
  }

  #addRun(run: SampleRun): void {
    let time = run.start;
    for (let i = 0; i < run.sizes.length; i++) {
      const duration = run.durations[i] ?? 0;
      const offset = run.offsets?.[i] ?? 0;
      if (this.samples === 0) {
        this.#start = time;
        this.#firstOffset = offset;
      }
      this.#newest = { begin: this.#begin(time), duration };
      this.#sizes.push(run.sizes[i] ?? 0);
      this.#offsets.add(offset >>> 0);
      this.#reordered ||= offset !== 0;
      if (run.sync[i]) this.#sync.push(this.samples);
      time += duration;
    }
  }

  /** Closes the sample before with its true duration. */
  #begin(time: number): number {
    if (!this.#newest) return time;
    const { begin } = this.#newest;
    const duration = Math.min(LONGEST, Math.max(1, time - begin));
    this.#durations.add(duration);
    return begin + duration;
  }

  #entryNumber(entry: Uint8Array): number {
    const known = this.#entries.findIndex((one) => one.length === entry.length && one.every((b, i) => b === entry[i]));
    return known >= 0 ? known + 1 : this.#entries.push(entry);
  }

  /**
   * The `stbl` box; nothing may be added after it. It has the same length for every `mediaAt` of the same `wide`.
   * @param mediaAt where the media begins in the file
   * @param wide offsets of 64 bits, for a file of 4 GiB or more
   */
  write(mediaAt: number, wide: boolean): Uint8Array {
    if (this.#newest && !this.#closed) this.#durations.add(this.#newest.duration);
    this.#closed = true;
    const durations = this.#durations.end();
    const stsd = fullBox('stsd', 0, 0, u32(this.#entries.length), ...this.#entries);
    const boxes = [stsd, fullBox('stts', 0, 0, u32(durations.runs), durations.bytes)];
    if (this.#reordered) {
      const offsets = this.#offsets.end();
      boxes.push(fullBox('ctts', 1, 0, u32(offsets.runs), offsets.bytes));
    }
    // Without `stss` every sample is a sync sample.
    if (this.#sync.length < this.samples) {
      boxes.push(fullBox('stss', 0, 0, u32(this.#sync.length), this.#sync.bytes()));
    }
    boxes.push(this.#samplesToChunks(), fullBox('stsz', 0, 0, u32(0, this.samples), this.#sizes.bytes()));
    boxes.push(this.#chunkOffsets(mediaAt, wide));
    return box('stbl', ...boxes);
  }

  #samplesToChunks(): Uint8Array {
    const { samples, entry } = this.#chunks;
    const rows: Uint8Array[] = [];
    for (let i = 0; i < samples.length; i++) {
      const same = i > 0 && samples.at(i) === samples.at(i - 1) && entry.at(i) === entry.at(i - 1);
      if (!same) rows.push(u32(i + 1, samples.at(i), entry.at(i)));
    }
    return fullBox('stsc', 0, 0, u32(rows.length), join(rows));
  }

  #chunkOffsets(mediaAt: number, wide: boolean): Uint8Array {
    const { high, low } = this.#chunks;
    const each = wide ? 8 : 4;
    const bytes = new Uint8Array(low.length * each);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < low.length; i++) {
      const offset = high.at(i) * U32_RANGE + low.at(i) + mediaAt;
      if (wide) view.setBigUint64(i * 8, BigInt(offset));
      else view.setUint32(i * 4, offset);
    }
    return fullBox(wide ? 'co64' : 'stco', 0, 0, u32(low.length), bytes);
  }
}
