import { parseVideoTags } from '../publish/flv.ts';
import type { Publisher } from '../rtmp/publisher.ts';
import type { TagType } from '../rtmp/session.ts';
import { FAIL_AFTER_MS, type LaneState } from './choose-lane.ts';
import { type Kept, SequenceHeaders } from './sequence-headers.ts';

/** Pictures since the last key frame that a standby keeps, so that its picture is there when it is needed, bytes. */
const MAX_KEPT_BYTES = 6 * 1024 * 1024;

/** One encoder's connection to an ingest: on air or standing by. */
export class Lane {
  private headers = new SequenceHeaders();
  private pictures: Kept[] = [];
  private pictureBytes = 0;
  private lastTagAtMs: number;
  private steadySinceMs: number;

  constructor(
    readonly publisher: Publisher,
    nowMs: number,
  ) {
    this.lastTagAtMs = nowMs;
    this.steadySinceMs = nowMs;
  }

  get state(): NonNullable<LaneState> {
    return { lastTagAtMs: this.lastTagAtMs, steadySinceMs: this.steadySinceMs };
  }

  /** @param isKept also keep the pictures since the last key frame @returns whether a key frame begins here */
  observe(type: TagType, timestampMs: number, body: Buffer, nowMs: number, isKept: boolean): boolean {
    if (nowMs - this.lastTagAtMs > FAIL_AFTER_MS) this.steadySinceMs = nowMs;
    this.lastTagAtMs = nowMs;
    this.headers.observe(type, timestampMs, body);
    if (type !== 9) return false;
    const isKey = parseVideoTags(body).some((tag) => tag.track === 0 && tag.kind === 'frame' && tag.isKey);
    if (isKey || !isKept) this.forgetPictures();
    if (!isKept) return isKey;
    this.pictureBytes += body.length;
    if (this.pictureBytes <= MAX_KEPT_BYTES) this.pictures.push({ type, timestampMs, body });
    else this.pictures = [];
    return isKey;
  }

  /** What a media child needs before anything else. */
  configuration(): Kept[] {
    return this.headers.all();
  }

  /** What a media child needs to show this encoder at once, oldest first; forgotten here. */
  takeForAir(): Kept[] {
    const all = [...this.headers.all(), ...this.pictures];
    this.forgetPictures();
    return all;
  }

  private forgetPictures(): void {
    this.pictures = [];
    this.pictureBytes = 0;
  }
}
