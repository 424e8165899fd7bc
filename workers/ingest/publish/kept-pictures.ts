/** Pictures since the last key frame are kept up to this size, so that a transcode can begin in their middle. */
const MAX_KEPT_BYTES = 12 * 1024 * 1024;
/** More than this at once would fill a subscriber's line for longer than it waits for the next key frame. */
const MAX_BURST_BYTES = 1536 * 1024;

export type Kept = { data: Buffer; dtsMs: number; ptsMs: number; isKey: boolean };

/** The pictures since the last key frame. */
export class KeptPictures {
  private kept: Kept[] = [];
  private bytes = 0;

  add(picture: Kept): void {
    this.bytes += picture.data.length;
    if (this.bytes <= MAX_KEPT_BYTES) this.kept.push(picture);
    else this.kept = [];
  }

  all(): readonly Kept[] {
    return this.kept;
  }

  /** All of them when they may be sent at once, else none. */
  burst(): readonly Kept[] {
    return this.bytes <= MAX_BURST_BYTES ? this.kept : [];
  }

  clear(): void {
    this.kept = [];
    this.bytes = 0;
  }
}
