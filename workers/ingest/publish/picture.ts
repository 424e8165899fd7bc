import { PictureCopy } from './copy.ts';
import { type Decision, decide } from './decide.ts';
import type { VideoTag } from './flv.ts';
import { nalType, parseAvcConfig, parseSps, type SpsFacts, splitNals } from './h264.ts';
import { PictureTranscode } from './transcode.ts';

/** Pictures since the last key frame are kept up to this size, so that a transcode can begin in their middle. */
const MAX_KEPT_BYTES = 12 * 1024 * 1024;
const IDR = 5;
/**
 * A track appears in the room with its first packet, and subscribers miss the key frame that brought it. So long after it the pictures
 * since that key frame are sent once more, in one burst; they would wait for the next key frame (up to 2 s) otherwise.
 */
const REPEAT_AFTER_MS = 600;
/** More than this in one burst would overflow socket buffers on the way. */
const MAX_REPEAT_BYTES = 400 * 1024;

type Kept = { data: Buffer; dtsMs: number; ptsMs: number; isKey: boolean };

/**
 * The picture of one ingest: begins by copying as soon as the first key frame is there, and changes to transcoding, between two
 * pictures, when the stream shows B-frames, rare key frames or another codec. It never changes back while the encoder stays: a
 * stream on the border would flap.
 */
export class PicturePath {
  private config: Buffer | null = null;
  private codec: VideoTag['codec'] = 'other';
  private lengthBytes = 4;
  private sps: SpsFacts | null = null;
  private copy: PictureCopy | null = null;
  private transcode: PictureTranscode | null = null;
  private kept: Kept[] = [];
  private keptBytes = 0;
  private lastKeyDtsMs: number | null = null;
  private longestKeyIntervalMs = 0;
  private highestPtsMs = Number.NEGATIVE_INFINITY;
  private sawReordering = false;
  private lastSentMs = Number.NEGATIVE_INFINITY;
  private repeatAtMs: number | null = null;
  decision: Decision | null = null;
  codecName = '';

  constructor(
    private readonly options: {
      write(data: Buffer, ptsMs: number, isKey: boolean): void;
      log(level: 'warn' | 'error', text: string): void;
      /** Pictures a second as measured so far. */
      fps(): number;
      onDecision(decision: Decision): void;
    },
  ) {}

  get size(): { width: number; height: number } | null {
    return this.sps ?? this.transcode?.size ?? null;
  }

  get dropped(): number {
    return this.transcode?.dropped ?? 0;
  }

  /** @param dtsMs place of the tag on the output clock */
  push(tag: VideoTag, dtsMs: number): void {
    if (tag.kind === 'config') this.configure(tag);
    if (tag.kind !== 'frame') return;
    if (this.config === null && tag.codec !== 'other') return; // no decoder could begin without it
    const isKey = tag.codec === 'h264' ? this.hasIdr(tag.data) : tag.isKey;
    if (this.lastKeyDtsMs === null && !isKey && !tag.isKey) return;
    const ptsMs = dtsMs + tag.compositionMs;
    this.observe(ptsMs, dtsMs, isKey || (this.lastKeyDtsMs === null && tag.isKey));
    this.keep({ data: tag.data, dtsMs, ptsMs, isKey });
    this.decideAgain(tag);
    if (this.transcode) this.transcode.push({ data: tag.data, dtsMs, ptsMs, isKey: tag.isKey });
    else if (this.copy) {
      this.copy.push(tag.data, ptsMs);
      this.lastSentMs = Math.max(this.lastSentMs, ptsMs);
      this.repeatIfDue(dtsMs, isKey);
    }
  }

  /** A new WebRTC connection: what a decoder needs to begin, in a burst. Transcoded pictures have a key frame within a second. */
  connected(nowMs: number): void {
    this.repeatAtMs = nowMs + REPEAT_AFTER_MS;
    this.repeat();
  }

  private repeat(): void {
    if (this.transcode || !this.copy || this.keptBytes > MAX_REPEAT_BYTES) return;
    for (const picture of this.kept) this.copy.push(picture.data, picture.ptsMs);
  }

  private repeatIfDue(nowMs: number, isKey: boolean): void {
    if (this.repeatAtMs === null) return;
    // Before the first picture there is no track; its appearance sets the time.
    if (this.kept.length <= 1 && isKey) this.repeatAtMs = Math.max(this.repeatAtMs, nowMs + REPEAT_AFTER_MS);
    if (nowMs < this.repeatAtMs) return;
    this.repeatAtMs = null;
    this.repeat();
  }

  /** The encoder is gone, its successor brings its own configuration. */
  encoderChanged(): void {
    this.transcode?.close();
    this.transcode = null;
    this.copy = null;
    this.config = null;
    this.decision = null;
    this.forgetObserved();
  }

  close(): void {
    this.encoderChanged();
  }

  private configure(tag: VideoTag): void {
    if (tag.codec === 'other' || (this.config?.equals(tag.data) && this.codec === tag.codec)) return;
    const changed = this.config !== null;
    this.config = Buffer.from(tag.data);
    this.codec = tag.codec;
    this.codecName = tag.codecName;
    this.copy = null;
    this.transcode?.close();
    this.transcode = null;
    if (changed) this.forgetObserved();
    if (tag.codec !== 'h264') return;
    const avc = parseAvcConfig(this.config);
    if (!avc) {
      this.options.log('warn', 'The encoder sent damaged H.264 parameters.');
      this.config = null;
      return;
    }
    this.lengthBytes = avc.lengthBytes;
    this.sps = avc.sps[0] ? parseSps(avc.sps[0]) : null;
    this.copy = new PictureCopy(avc, this.options.write);
  }

  private hasIdr(picture: Buffer): boolean {
    return splitNals(picture, this.lengthBytes).some((nal) => nalType(nal) === IDR);
  }

  private observe(ptsMs: number, dtsMs: number, isKey: boolean): void {
    if (ptsMs < this.highestPtsMs) this.sawReordering = true;
    this.highestPtsMs = Math.max(this.highestPtsMs, ptsMs);
    if (this.lastKeyDtsMs !== null) {
      this.longestKeyIntervalMs = Math.max(this.longestKeyIntervalMs, dtsMs - this.lastKeyDtsMs);
    }
    if (isKey) {
      this.lastKeyDtsMs = dtsMs;
      this.kept = [];
      this.keptBytes = 0;
    }
  }

  private keep(picture: Kept): void {
    if (this.transcode) return;
    this.keptBytes += picture.data.length;
    if (this.keptBytes <= MAX_KEPT_BYTES) this.kept.push(picture);
    else this.kept = [];
  }

  private decideAgain(tag: VideoTag): void {
    if (this.decision !== null && this.decision.mode !== 'copy') return;
    const decision = decide({
      codec: tag.codec,
      codecName: tag.codecName,
      sps: this.sps,
      sawReordering: this.sawReordering,
      keyIntervalMs: this.longestKeyIntervalMs,
    });
    const isNew = decision.mode !== this.decision?.mode;
    this.decision = decision;
    if (decision.mode === 'transcode') this.beginTranscode(tag);
    if (isNew) this.options.onDecision(decision);
  }

  private beginTranscode(tag: VideoTag): void {
    if (this.config === null || tag.codec === 'other') return;
    this.copy = null;
    try {
      this.transcode = new PictureTranscode({
        codec: tag.codec,
        config: this.config,
        fps: this.options.fps(),
        showAfterMs: this.lastSentMs,
        write: this.options.write,
        log: this.options.log,
      });
    } catch (error) {
      this.options.log('error', `picture decoder: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    // The last one kept is the picture under way; it follows by itself.
    for (const picture of this.kept.slice(0, -1)) this.transcode.push(picture);
    this.kept = [];
    this.keptBytes = 0;
  }

  private forgetObserved(): void {
    this.kept = [];
    this.keptBytes = 0;
    this.lastKeyDtsMs = null;
    this.longestKeyIntervalMs = 0;
    this.highestPtsMs = Number.NEGATIVE_INFINITY;
    this.sawReordering = false;
    this.sps = null;
  }
}
