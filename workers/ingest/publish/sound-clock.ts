const RATE = 48_000;
const SAMPLE_BYTES = 4; // stereo s16
const FRAME_SAMPLES = 960;
/** Below this a difference is the rounding of timestamps, samples. */
const TOLERANCE = 0.06 * RATE;
/** Longer holes are jumped over, not filled, samples. */
const LONGEST_FILL = RATE;
/** With nothing heard for so long, silence goes on in its place, ms; it stays that far behind the clock. */
const SILENCE_AFTER_MS = 400;
const SILENCE_BEHIND_MS = 200;

const SILENT_FRAME = Buffer.alloc(FRAME_SAMPLES * SAMPLE_BYTES);

/**
 * Lays decoded sound on the output clock and cuts it into frames of 20 ms: holes become silence, what comes too late is left out,
 * and when nothing comes silence goes on (which also keeps the WebRTC connection alive). Pure: PCM in, PCM out.
 */
export class SoundClock {
  /** Place of the first sample not yet sent, in samples of the output clock; null before the first. */
  private head: number | null = null;
  private held: Buffer[] = [];
  private heldSamples = 0;
  private isFilling = false;

  constructor(private readonly onFrame: (pcm: Buffer, ptsSamples: number) => void) {}

  /** @param pcm 48 kHz stereo s16 @param atMs its place on the output clock */
  push(pcm: Buffer, atMs: number): void {
    const at = Math.round((atMs * RATE) / 1000);
    this.head ??= at;
    const gap = at - (this.head + this.heldSamples);
    let samples = pcm;
    if (gap > LONGEST_FILL) this.jump(at);
    else if (gap > TOLERANCE) this.hold(Buffer.alloc(gap * SAMPLE_BYTES));
    else if (gap < -TOLERANCE) samples = pcm.subarray(Math.min(-gap * SAMPLE_BYTES, pcm.length));
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
