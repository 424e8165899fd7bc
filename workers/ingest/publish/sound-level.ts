/** Digital silence, and everything below what 16 bits can say. */
export const SILENT_DB = -96;
const FULL_SCALE = 32_768;

/** Loudest sample and mean power of the sound since the last reading, in dB of full scale. */
export class SoundLevel {
  private peak = 0;
  private squares = 0;
  private count = 0;

  /** @param pcm s16, any number of channels */
  add(pcm: Buffer): void {
    for (let at = 0; at + 1 < pcm.length; at += 2) {
      const sample = Math.abs(pcm.readInt16LE(at));
      if (sample > this.peak) this.peak = sample;
      this.squares += sample * sample;
    }
    this.count += Math.floor(pcm.length / 2);
  }

  /** Begins anew. @returns null when nothing was heard since the last reading */
  take(): { peakDb: number; rmsDb: number } | null {
    if (this.count === 0) return null;
    const taken = { peakDb: decibels(this.peak), rmsDb: decibels(Math.sqrt(this.squares / this.count)) };
    this.peak = 0;
    this.squares = 0;
    this.count = 0;
    return taken;
  }
}

function decibels(amplitude: number): number {
  if (amplitude < 1) return SILENT_DB;
  return Math.round(Math.max(SILENT_DB, 20 * Math.log10(amplitude / FULL_SCALE)) * 10) / 10;
}
