import { BLOCK, type SoundLine } from './sound-line.ts';

/** A line and its gain in the mix, 0 = heard by nobody (its buffer is still emptied, so it comes back in time). */
export type MixEntry = { line: SoundLine; gain: number };

const CEILING = 0.97;
const KNEE = 0.9;
const RELEASE = 0.04; // share of the missing gain given back each block: about half a second
const ATTACK_SAMPLES = 48; // 1 ms

/**
 * Sums everybody's sound in blocks of 1,024 samples at 48 kHz stereo, with a soft limiter. Gains change over one block (21 ms); who joins
 * fades in, who leaves fades out with what is left of them.
 */
export class Mixer {
  /** Lines heard in the last block, with their gain. */
  #heard = new Map<SoundLine, number>();
  #gain = 1;

  /**
   * The next block.
   * @returns left then right, a new array; silence when nobody speaks
   */
  mix(entries: Iterable<MixEntry>): Float32Array {
    const planar = new Float32Array(BLOCK * 2);
    const heard = new Map<SoundLine, number>();
    for (const { line, gain } of entries) {
      const from = this.#heard.get(line) ?? 0;
      this.#heard.delete(line);
      if (gain > 0 || from > 0) line.mixInto(planar, { from, to: gain });
      else line.skip();
      if (gain > 0) heard.set(line, gain);
    }
    for (const [line, from] of this.#heard) line.mixInto(planar, { from, to: 0 });
    this.#heard = heard;
    this.#limit(planar);
    return planar;
  }

  #limit(planar: Float32Array): void {
    let peak = 0;
    for (let index = 0; index < planar.length; index++) {
      const size = Math.abs(planar[index] as number);
      if (size > peak) peak = size;
    }
    const wanted = peak * this.#gain > CEILING ? CEILING / peak : Math.min(1, this.#gain + (1 - this.#gain) * RELEASE);
    if (this.#gain === 1 && wanted === 1 && peak <= KNEE) return;
    const from = this.#gain;
    const ramp = wanted < from ? ATTACK_SAMPLES : BLOCK;
    for (let index = 0; index < BLOCK; index++) {
      const gain = from + (wanted - from) * Math.min(1, (index + 1) / ramp);
      planar[index] = softClip((planar[index] ?? 0) * gain);
      planar[BLOCK + index] = softClip((planar[BLOCK + index] ?? 0) * gain);
    }
    this.#gain = wanted > 0.999 ? 1 : wanted;
  }
}

/** Straight up to the knee, then bent so that nothing reaches 1: the first millisecond of a sudden peak. */
function softClip(sample: number): number {
  const size = Math.abs(sample);
  if (size <= KNEE) return sample;
  const bent = KNEE + (CEILING - KNEE) * Math.tanh((size - KNEE) / (CEILING - KNEE));
  return sample < 0 ? -bent : bent;
}
