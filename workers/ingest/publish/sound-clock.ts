const RATE = 48_000;
const SAMPLE_BYTES = 4; // stereo s16
const FRAME_SAMPLES = 960;
/** A difference above this is a hole or an overlap, samples: less than what is seen as bad lip sync (45 ms). */
const TOLERANCE = 0.04 * RATE;
/**
 * While a connection begins, the timeline finds its place anew with every tag of the first burst: sound that was placed before follows at
 * once, or lips would be off until it is stretched away, a quarter of a minute later. Samples.
 */
const SETTLING = 3 * RATE;
/** Below this it is the rounding of timestamps; between the two it is drift, and taken back by and by, samples. */
const ROUNDING = 0.008 * RATE;
/** A part of the sound that may be put in or left out to take drift back; 0.4 % is seven cents for a moment, unheard. */
const STRETCH = 0.004;
/** Longer holes are jumped over, not filled, samples. */
const LONGEST_FILL = RATE;
/** With nothing heard for so long, silence goes on in its place, ms; it stays that far behind the clock. */
const SILENCE_AFTER_MS = 400;
const SILENCE_BEHIND_MS = 200;

const SILENT_FRAME = Buffer.alloc(FRAME_SAMPLES * SAMPLE_BYTES);

/** The same sound a few samples longer or shorter, towards `gap`, by linear interpolation. */
export function stretched(pcm: Buffer, gap: number): Buffer {
  const count = pcm.length / SAMPLE_BYTES;
  const most = Math.floor(count * STRETCH);
  const wanted = count + Math.max(-most, Math.min(most, gap));
  if (wanted === count || wanted < 2 || count < 2) return pcm;
  const out = Buffer.alloc(wanted * SAMPLE_BYTES);
  const step = (count - 1) / (wanted - 1);
  for (let i = 0; i < wanted; i += 1) {
    const place = i * step;
    const index = Math.min(Math.floor(place), count - 2);
    const share = place - index;
    for (let channel = 0; channel < SAMPLE_BYTES; channel += 2) {
      const from = pcm.readInt16LE(index * SAMPLE_BYTES + channel);
      const to = pcm.readInt16LE((index + 1) * SAMPLE_BYTES + channel);
      out.writeInt16LE(Math.round(from + (to - from) * share), i * SAMPLE_BYTES + channel);
    }
  }
  return out;
}

/**
 * Lays decoded sound on the output clock and cuts it into frames of 20 ms: holes become silence, what comes too late is left out, drift is stretched away,
 * and when nothing comes silence goes on (which also keeps the WebRTC connection alive). Pure: PCM in, PCM out.
 */
export class SoundClock {
  /** Place of the first sample not yet sent, in samples of the output clock; null before the first. */
  private head: number | null = null;
  private held: Buffer[] = [];
  private heldSamples = 0;
  private isFilling = false;
  private settling = SETTLING;

  constructor(private readonly onFrame: (pcm: Buffer, ptsSamples: number) => void) {}

  /** What comes next is another connection's. */
  begin(): void {
    this.settling = SETTLING;
  }

  /** @param pcm 48 kHz stereo s16 @param atMs its place on the output clock */
  push(pcm: Buffer, atMs: number): void {
    const at = Math.round((atMs * RATE) / 1000);
    this.head ??= at;
    const gap = at - (this.head + this.heldSamples);
    const tolerance = this.settling > 0 ? ROUNDING : TOLERANCE;
    this.settling -= pcm.length / SAMPLE_BYTES;
    let samples = pcm;
    if (gap > LONGEST_FILL) this.jump(at);
    else if (gap > tolerance) this.hold(Buffer.alloc(gap * SAMPLE_BYTES));
    else if (gap < -tolerance) samples = pcm.subarray(Math.min(-gap * SAMPLE_BYTES, pcm.length));
    else if (Math.abs(gap) > ROUNDING) samples = stretched(pcm, gap);
    if (samples.length === 0) return;
    this.isFilling = false;
    this.hold(samples);
    this.cut();
  }

  /** To be called every 20 ms or so. @param nowMs output clock */
  fill(nowMs: number): void {
    const behind = Math.round(((nowMs - SILENCE_BEHIND_MS) * RATE) / 1000);
    this.head ??= behind;
    const lateMs = nowMs - ((this.head + this.heldSamples) * 1000) / RATE;
    if (!this.isFilling && lateMs < SILENCE_AFTER_MS) return;
    this.isFilling = true;
    if (behind - this.head > LONGEST_FILL) this.jump(behind);
    while (this.head + FRAME_SAMPLES <= behind) {
      this.hold(SILENT_FRAME.subarray(this.heldSamples * SAMPLE_BYTES));
      this.cut();
    }
  }

  private hold(pcm: Buffer): void {
    this.held.push(pcm);
    this.heldSamples += pcm.length / SAMPLE_BYTES;
  }

  private jump(at: number): void {
    this.held = [];
    this.heldSamples = 0;
    this.head = at;
  }

  private cut(): void {
    if (this.heldSamples < FRAME_SAMPLES || this.head === null) return;
    let all = this.held.length === 1 && this.held[0] ? this.held[0] : Buffer.concat(this.held);
    const frameBytes = FRAME_SAMPLES * SAMPLE_BYTES;
    while (all.length >= frameBytes) {
      this.onFrame(all.subarray(0, frameBytes), this.head);
      this.head += FRAME_SAMPLES;
      all = all.subarray(frameBytes);
    }
    this.held = all.length > 0 ? [all] : [];
    this.heldSamples = all.length / SAMPLE_BYTES;
  }
}
