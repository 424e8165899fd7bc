import { PictureCopy } from './copy.ts';
import { type Decision, decide } from './decide.ts';
import { type EncodingWish, encodingsFor, layersOf } from './encoding-wish.ts';
import type { VideoTag } from './flv.ts';
import { nalType, parseAvcConfig, parseSps, type SpsFacts, splitNals } from './h264.ts';
import { type Kept, KeptPictures } from './kept-pictures.ts';
import { KeyIntervals } from './key-intervals.ts';
import { PacedOut } from './paced-out.ts';
import { fitSize } from './picture-encoder.ts';
import type { Placed } from './timeline.ts';
import { PictureTranscode } from './transcode.ts';
import { transcodeCores } from './transcode-cost.ts';
import type { TranscodeLeave } from './transcode-leave.ts';

const IDR = 5;
/**
 * A track appears in the room with its first packet, and subscribers miss the key frame that brought it. For so long after it whoever asks for
 * one gets the pictures since the last key frame once more; later a repetition would jump back for all who watch already, and the next key
 * frame is 2 s away at most.
 */
const FRESH_MS = 5_000;
/**
 * An access unit with nothing to show: supplemental information of a kind nobody knows (ITU-T H.264, D.1.6). It makes the track
 * appear while an encoder with look-ahead still thinks about its first picture.
 */
const NOTHING_TO_SHOW = Buffer.from('000000010605106f70656e6169726f70656e6169726f7080', 'hex');
/** Of a codec whose size is not known before it is decoded. */
const USUAL_SIZE = { width: 1280, height: 720 };
/** A stream that was transcoded is copied again when it could have been for so long; doubled each time, so a stream on the border stays. */
const RETURN_AFTER_MS = 20_000;
const RETURN_AFTER_MOST_MS = 640_000;

export type PictureOptions = {
  /** @param layer 0 is the largest */
  write(data: Buffer, ptsMs: number, isKey: boolean, layer: number): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
  /** Pictures a second as measured so far. */
  fps(): number;
  onDecision(decision: Decision): void;
  /** This machine has no processor to spare. */
  isBusy(): boolean;
  /** What the ingress asks for; null lets the stream decide. */
  wish: EncodingWish | null;
  leave: TranscodeLeave;
};

/**
 * The picture of one ingest: begins by copying as soon as the first key frame is there, and changes to transcoding, between two
 * pictures, when the stream shows B-frames, rare key frames or another codec. It goes back to copying, at a key frame, when the cause
 * has been gone for a while.
 */
export class PicturePath {
  private config: Buffer | null = null;
  private codec: VideoTag['codec'] = 'other';
  private lengthBytes = 4;
  private sps: SpsFacts | null = null;
  private copy: PictureCopy | null = null;
  private transcode: PictureTranscode | null = null;
  private readonly kept = new KeptPictures();
  private keys = new KeyIntervals();
  private hasBegun = false;
  /** It cannot be copied, and there is no leave to transcode it (yet): kept, and not shown. */
  private isHeld = false;
  private highestPtsMs = Number.NEGATIVE_INFINITY;
  private reorderedAtMs = Number.NEGATIVE_INFINITY;
  private copyableSinceMs: number | null = null;
  private returnAfterMs = RETURN_AFTER_MS;
  private lastSentMs = Number.NEGATIVE_INFINITY;
  private freshUntilMs = Number.NEGATIVE_INFINITY;
  private readonly out: PacedOut;
  private droppedBefore = 0;
  private wanted: readonly boolean[] = [];
  decision: Decision | null = null;
  codecName = '';

  constructor(private readonly options: PictureOptions) {
    this.out = new PacedOut((data, ptsMs, isKey) => options.write(data, ptsMs, isKey, 0));
  }

  get size(): { width: number; height: number } | null {
    return this.sps ?? this.transcode?.size ?? null;
  }

  /** "High", "Main" and so on; empty for other codecs. */
  get profile(): string {
    return this.sps ? (PROFILES[this.sps.profileIdc] ?? '') : '';
  }

  /** Between key frames, by the encoder's clock, ms; 0 before there were two. */
  get keyIntervalMs(): number {
    return this.keys.intervalMs;
  }

  /** Pictures left out because this machine was too slow. */
  get dropped(): number {
    return this.droppedBefore + (this.transcode?.dropped ?? 0);
  }

  /** @param place of the tag on the two clocks */
  push(tag: VideoTag, { outMs: dtsMs, mediaMs }: Placed): void {
    if (tag.kind === 'config') this.configure(tag, dtsMs);
    if (tag.kind !== 'frame') return;
    if (this.config === null && tag.codec !== 'other' && tag.codec !== 'vp9') return; // no decoder could begin without it
    if (tag.codec !== this.codec && this.config !== null) return; // a straggler of another codec
    const isKey = tag.codec === 'h264' ? this.hasIdr(tag.data) : tag.isKey;
    if (!this.hasBegun && !isKey && !tag.isKey) return;
    if (!this.hasBegun) this.freshUntilMs = Math.max(this.freshUntilMs, dtsMs + FRESH_MS);
    this.hasBegun = true;
    const ptsMs = dtsMs + tag.compositionMs;
    this.observe(mediaMs, mediaMs + tag.compositionMs, isKey);
    const picture = { data: tag.data, dtsMs, ptsMs, isKey };
    if (!this.transcode) this.kept.add(picture);
    this.decideAgain(tag, mediaMs, isKey);
    this.send(picture, tag.isKey);
  }

  /** A new WebRTC connection stands. @param nowMs output clock */
  connected(nowMs: number): void {
    this.freshUntilMs = nowMs + FRESH_MS;
    if (this.config !== null && !this.hasBegun) this.announce(nowMs);
  }

  /** A subscriber can show nothing of a layer without a key frame. @param nowMs output clock */
  keyWanted(nowMs: number, layer: number): void {
    if (this.transcode) this.transcode.requestKey(layer);
    else if (nowMs < this.freshUntilMs) this.repeat();
  }

  /** Whether anybody receives each layer. */
  layersWanted(wanted: readonly boolean[]): void {
    this.wanted = wanted;
    this.transcode?.layersWanted(wanted);
  }

  /**
   * The encoder is gone, its successor brings its own configuration. Leave to transcode stays: a show that went on air with it must not be left dark for
   * a broken line, however full the machine has become.
   */
  encoderChanged(): void {
    this.config = null;
    this.codecName = '';
    this.returnAfterMs = RETURN_AFTER_MS;
    this.forget();
  }

  close(): void {
    this.encoderChanged();
  }

  private send(picture: Kept, isMarkedKey: boolean): void {
    if (this.transcode) this.transcode.push({ ...picture, isKey: picture.isKey || isMarkedKey });
    else if (this.copy && !this.isHeld) {
      this.copy.push(picture.data, picture.ptsMs);
      this.lastSentMs = Math.max(this.lastSentMs, picture.ptsMs);
    }
  }

  private announce(nowMs: number): void {
    layersOf(this.options.wish).forEach((_, layer) => {
      this.options.write(NOTHING_TO_SHOW, nowMs, false, layer);
    });
  }

  private repeat(): void {
    const { copy } = this;
    if (!copy || this.isHeld) return;
    this.out.burst(() => {
      for (const { data, ptsMs } of this.kept.burst()) copy.push(data, ptsMs);
    });
  }

  private configure(tag: VideoTag, nowMs: number): void {
    if (tag.codec === 'other' || (this.config?.equals(tag.data) && this.codec === tag.codec)) return;
    this.forget();
    this.config = Buffer.from(tag.data);
    this.codec = tag.codec;
    this.codecName = tag.codecName;
    this.announce(nowMs);
    if (tag.codec !== 'h264') return;
    const avc = parseAvcConfig(this.config);
    if (!avc) {
      this.options.log('warn', 'The encoder sent damaged H.264 parameters.');
      this.config = null;
      return;
    }
    this.lengthBytes = avc.lengthBytes;
    this.sps = avc.sps[0] ? parseSps(avc.sps[0]) : null;
    this.copy = new PictureCopy(avc, this.write.bind(this));
  }

  private hasIdr(picture: Buffer): boolean {
    return splitNals(picture, this.lengthBytes).some((nal) => nalType(nal) === IDR);
  }

  /** Everything that is decided by goes by the encoder's clock: a busy machine must not look like a bad encoder. */
  private observe(mediaMs: number, mediaPtsMs: number, isKey: boolean): void {
    if (isKey) this.highestPtsMs = Number.NEGATIVE_INFINITY; // Reordering does not reach over an IDR; a clock that jumps may.
    if (mediaPtsMs < this.highestPtsMs && this.highestPtsMs - mediaPtsMs < 1_000) this.reorderedAtMs = mediaMs;
    this.highestPtsMs = Math.max(this.highestPtsMs, mediaPtsMs);
    this.keys.add(mediaMs, isKey);
    if (isKey) this.kept.clear();
  }

  private decideAgain(tag: VideoTag, mediaMs: number, isKey: boolean): void {
    const before = this.decision;
    let decision = decide({
      codec: tag.codec,
      codecName: tag.codecName,
      sps: this.sps,
      sawReordering: mediaMs - this.reorderedAtMs < RETURN_AFTER_MS,
      keysAreRare: this.keys.areRare(this.options.isBusy()),
      keyIntervalMs: this.keys.intervalMs,
      mustTranscode: this.options.wish !== null,
    });
    if (before?.mode === 'transcode') {
      if (!this.mayReturn(decision, mediaMs, isKey)) return;
      this.options.log('info', 'the picture is copied again');
      this.beginCopy();
    } else if (decision.mode === 'transcode') {
      const leave = this.options.leave.request(this.costOf(tag));
      this.isHeld = leave.state !== 'granted' && !(decision.elseCopied && this.copy !== null);
      if (leave.state === 'granted') this.beginTranscode(tag);
      else if (leave.state === 'asked') return;
      else decision = { ...decision, mode: this.isHeld ? 'refuse' : 'copy', reason: leave.sentence };
    } else {
      this.isHeld = false;
      this.copyableSinceMs ??= mediaMs;
      // B-frames show after some pictures, rare key frames after seconds: leave that an encoder had before its line broke waits for that.
      const isCopied = mediaMs - this.copyableSinceMs >= RETURN_AFTER_MS;
      if (isCopied || this.options.leave.refusal !== null) this.options.leave.giveBack();
    }
    this.decision = decision;
    this.codecName = tag.codecName;
    if (decision.mode !== before?.mode || decision.reason !== before.reason) this.options.onDecision(decision);
  }

  /** What a transcode would take, in cores. */
  private costOf(tag: VideoTag): number {
    const { wish } = this.options;
    const fps = this.options.fps();
    const { width, height } = this.size ?? USUAL_SIZE;
    const sentFps = Math.min(fps, wish?.fps ?? fps);
    const sent = wish
      ? encodingsFor(wish, { width, height }).map((encoding) => fitSize(width, height, encoding))
      : [fitSize(width, height)];
    // Newer codecs are dearer to decode.
    const effort = tag.codec === 'h264' ? 1 : 2;
    return transcodeCores({ width, height, fps: fps * effort }, ...sent.map((size) => ({ ...size, fps: sentFps })));
  }

  private mayReturn(decision: Decision, mediaMs: number, isKey: boolean): boolean {
    if (decision.mode !== 'copy') {
      this.copyableSinceMs = null;
      return false;
    }
    this.copyableSinceMs ??= mediaMs;
    if (!isKey || mediaMs - this.copyableSinceMs < this.returnAfterMs) return false;
    this.returnAfterMs = Math.min(this.returnAfterMs * 2, RETURN_AFTER_MOST_MS);
    return true;
  }

  private beginCopy(): void {
    const avc = this.config ? parseAvcConfig(this.config) : null;
    if (!avc) return;
    this.endTranscode();
    this.options.leave.giveBack();
    this.copyableSinceMs = null;
    this.copy = new PictureCopy(avc, this.write.bind(this));
  }

  private beginTranscode(tag: VideoTag): void {
    if (tag.codec === 'other') return;
    this.copy = null;
    this.copyableSinceMs = null;
    try {
      this.transcode = new PictureTranscode({
        codec: tag.codec,
        config: this.config,
        fps: this.options.fps(),
        wish: this.options.wish,
        showAfterMs: this.lastSentMs,
        wanted: this.wanted,
        write: this.writeEncoded,
        log: this.options.log,
      });
    } catch (error) {
      this.options.log('error', `picture decoder: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    // The last one kept is the picture under way; it follows by itself.
    for (const picture of this.kept.all().slice(0, -1)) this.transcode.push(picture);
    this.kept.clear();
  }

  private write(data: Buffer, ptsMs: number, isKey: boolean): void {
    this.out.push(data, ptsMs, isKey);
  }

  /** Only a copied picture comes in bursts, and it has one layer. */
  private readonly writeEncoded: PictureOptions['write'] = (data, ptsMs, isKey, layer) => {
    if (layer === 0) this.write(data, ptsMs, isKey);
    else this.options.write(data, ptsMs, isKey, layer);
  };

  private endTranscode(): void {
    this.droppedBefore += this.transcode?.dropped ?? 0;
    this.transcode?.close();
    this.transcode = null;
  }

  /** A new configuration: nothing of what was seen before counts. */
  private forget(): void {
    this.endTranscode();
    this.copy = null;
    this.isHeld = false;
    this.out.clear();
    this.decision = null;
    this.sps = null;
    this.kept.clear();
    this.keys = new KeyIntervals();
    this.hasBegun = false;
    this.highestPtsMs = Number.NEGATIVE_INFINITY;
    this.reorderedAtMs = Number.NEGATIVE_INFINITY;
    this.copyableSinceMs = null;
  }
}

const PROFILES: Record<number, string> = {
  66: 'Baseline',
  77: 'Main',
  88: 'Extended',
  100: 'High',
  110: 'High 10',
  122: 'High 4:2:2',
  244: 'High 4:4:4',
};
