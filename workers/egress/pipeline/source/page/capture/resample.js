// @ts-check
/** Input samples that each output sample is made of. */
const TAPS = 24;
/** Of the lower of the two rates' halves, so that what lies above is gone before it could fold back. */
const PASS = 0.92;

/** @param {number} a @param {number} b @returns {number} */
const divisor = (a, b) => (b === 0 ? a : divisor(b, a % b));

/** @param {number} x */
const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/**
 * Resampler of one channel between two fixed rates: a windowed sinc (Blackman), one row of taps for each place an output sample may
 * have between two input samples. A machine without a sound card makes Chromium play at 44.1 kHz, whatever is asked for.
 */
export class Resampler {
  /** @param {number} from Hz @param {number} to Hz */
  constructor(from, to) {
    const common = divisor(from, to);
    this.step = from / common;
    this.places = to / common;
    const cut = PASS * Math.min(1, to / from);
    this.rows = Array.from({ length: this.places }, (_, place) => {
      const row = Float32Array.from({ length: TAPS }, (__, tap) => {
        const x = tap - TAPS / 2 + 1 - place / this.places;
        const turn = Math.PI * (x / (TAPS / 2));
        return cut * sinc(cut * x) * (0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
      });
      const sum = row.reduce((all, one) => all + one, 0);
      return row.map((one) => one / sum);
    });
    /** What the next call still needs of the samples before. */
    this.held = new Float32Array(TAPS - 1);
    /** Place of the next output sample, in 1/places of an input sample, from the first held one. */
    this.at = 0;
  }

  /** @param {Float32Array} input @returns {Float32Array} as many samples as can be made so far */
  take(input) {
    const samples = new Float32Array(this.held.length + input.length);
    samples.set(this.held);
    samples.set(input, this.held.length);
    const room = (samples.length - TAPS + 1) * this.places;
    const out = new Float32Array(Math.max(0, Math.ceil((room - this.at) / this.step)));
    for (let index = 0; index < out.length; index++, this.at += this.step) {
      const first = Math.floor(this.at / this.places);
      const row = /** @type {Float32Array} */ (this.rows[this.at % this.places]);
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) sum += (samples[first + tap] ?? 0) * (row[tap] ?? 0);
      out[index] = sum;
    }
    const used = Math.max(0, samples.length - TAPS + 1);
    this.at -= used * this.places;
    this.held = samples.slice(used);
    return out;
  }
}
