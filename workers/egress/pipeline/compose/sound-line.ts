import type { Channel } from '../../plan.ts';
import type { SoundSink } from './inputs.ts';

const CHANNELS = 2;
const CAPACITY = 24_000; // 0.5 s
/** Samples asked for at a time. */
export const BLOCK = 1024;
/** Wanted behind each block: covers arrivals every 10 ms and a timer that is a few ms off. */
const SPARE_LOW = 240;
const SPARE_HIGH = 720;
const START = BLOCK + 600;
/** Above this a line is cut at once (100 ms): a pause of the process, not drift. */
const TOO_MUCH = BLOCK + 4800;
/** Samples gained or lost a block while a line drifts: 0.8 %, not audible. */
const NUDGE = 8;
const WATCH_BLOCKS = 47; // about a second

/**
 * Buffer of one sound track between its arrival (every 10 ms, by the sender's clock) and the mixer (every 21.3 ms, by ours). Holds
 * about 30 ms; drift of the two clocks is absorbed by stretching a block by a few samples.
 */
export class SoundLine implements SoundSink {
  readonly #samples = new Int16Array(CAPACITY * CHANNELS);
  #read = 0;
  #level = 0;
  #filling = true;
  #nudge = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #watched = 0;
  /** Blocks that were not complete. */
  underruns = 0;
  readonly #channel: Channel;

  /** @param channel where it is heard; on one channel the sum of both is */
  constructor(channel: Channel = 'both') {
    this.#channel = channel;
  }

  /** Sample pairs held. */
  get level(): number {
    return this.#level;
  }

  write(given: Int16Array): void {
    const samples = this.#channel === 'both' ? given : onOneSide(given, this.#channel);
    const count = Math.min(Math.floor(samples.length / CHANNELS), CAPACITY);
    this.#drop(this.#level + count - CAPACITY);
    let at = (this.#read + this.#level) % CAPACITY;
    let from = 0;
    while (from < count) {
      const run = Math.min(count - from, CAPACITY - at);
      this.#samples.set(samples.subarray(from * CHANNELS, (from + run) * CHANNELS), at * CHANNELS);
      from += run;
      at = (at + run) % CAPACITY;
    }
    this.#level += count;
  }

  /**
   * Adds the next block to a mix. The gain runs evenly from one value to the other, so that no change of it clicks; a line that begins
   * fades in, one that runs dry fades out.
   * @param planar 2 × 1,024 floats, left then right
   * @returns false when there was nothing to add
   */
  mixInto(planar: Float32Array, gain: { from: number; to: number }): boolean {
    const begins = this.#filling;
    const count = this.#takeable();
    if (count === 0) return false;
    const wanted = BLOCK + this.#nudge;
    const short = count < wanted;
    const from = begins ? 0 : gain.from;
    const to = short ? 0 : gain.to;
    // A short block is played at its own speed and ends early: better than slowing it down audibly.
    if (count === wanted && count === BLOCK && from === to) this.#add(planar, from);
    else if (from !== 0 || to !== 0) this.#resample(planar, { from, to }, count, short ? count : BLOCK);
    this.#drop(count);
    if (short) this.#runDry();
    else this.#watch();
    return true;
  }

  /** Drops the next block unheard: who is muted comes back in time. */
  skip(): void {
    const count = this.#takeable();
    if (count === 0) return;
    this.#drop(count);
    if (count < BLOCK + this.#nudge) this.#runDry();
    else this.#watch();
  }

  /** Samples of the next block that are there; 0 while the line fills. */
  #takeable(): number {
    if (this.#filling) {
      if (this.#level < START) return 0;
      this.#drop(this.#level - START);
      this.#filling = false;
    }
    if (this.#level > TOO_MUCH) this.#drop(this.#level - START);
    const count = Math.min(BLOCK + this.#nudge, this.#level);
    if (count === 0) this.#runDry();
    return count;
  }

  /** The usual case: no drift, no change of gain. */
  #add(planar: Float32Array, gain: number): void {
    const scale = gain / 32_768;
    let at = this.#read * CHANNELS;
    for (let index = 0; index < BLOCK; index++) {
      planar[index] = (planar[index] as number) + (this.#samples[at] as number) * scale;
      planar[BLOCK + index] = (planar[BLOCK + index] as number) + (this.#samples[at + 1] as number) * scale;
      at += CHANNELS;
      if (at === CAPACITY * CHANNELS) at = 0;
    }
  }

  #resample(planar: Float32Array, gain: { from: number; to: number }, count: number, into: number): void {
    const step = count === into ? 1 : (count - 1) / (into - 1);
    const rise = (gain.to - gain.from) / into;
    for (let index = 0; index < into; index++) {
      const scale = (gain.from + rise * index) / 32_768;
      const place = index * step;
      const whole = Math.min(Math.floor(place), count - 1);
      const rest = place - whole;
      const a = ((this.#read + whole) % CAPACITY) * CHANNELS;
      const b = ((this.#read + Math.min(whole + 1, count - 1)) % CAPACITY) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++) {
        const here = this.#samples[a + channel] as number;
        const there = this.#samples[b + channel] as number;
        const out = channel * BLOCK + index;
        planar[out] = (planar[out] as number) + (here + (there - here) * rest) * scale;
      }
    }
  }

  #runDry(): void {
    this.underruns++;
    this.#filling = true;
    this.#nudge = 0;
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#watched = 0;
  }

  /** Looks at the smallest reserve of a second and leans towards the middle of the wanted range. */
  #watch(): void {
    this.#lowest = Math.min(this.#lowest, this.#level);
    if (++this.#watched < WATCH_BLOCKS) return;
    this.#nudge = this.#lowest > SPARE_HIGH ? NUDGE : this.#lowest < SPARE_LOW ? -NUDGE : 0;
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#watched = 0;
  }

  #drop(count: number): void {
    if (count <= 0) return;
    const dropped = Math.min(count, this.#level);
    this.#read = (this.#read + dropped) % CAPACITY;
    this.#level -= dropped;
  }
}

function onOneSide(samples: Int16Array, side: 'left' | 'right'): Int16Array {
  const out = new Int16Array(samples.length);
  const place = side === 'left' ? 0 : 1;
  for (let at = 0; at + 1 < samples.length; at += CHANNELS) {
    out[at + place] = ((samples[at] as number) + (samples[at + 1] as number)) >> 1;
  }
  return out;
}
