import { type AvcConfig, toAnnexB } from './h264.ts';

/** Passes H.264 pictures on as they are, from the first IDR on. */
export class PictureCopy {
  private isStarted = false;

  constructor(
    private readonly config: AvcConfig,
    private readonly write: (data: Buffer, ptsMs: number, isKey: boolean) => void,
  ) {}

  /** @param ptsMs output clock */
  push(picture: Buffer, ptsMs: number): void {
    const converted = toAnnexB(picture, this.config);
    if (!converted) return;
    if (converted.isIdr) this.isStarted = true;
    if (this.isStarted) this.write(converted.data, ptsMs, converted.isIdr);
  }
}
