import { randomBytes } from 'node:crypto';
import { type AudioTag, parseAudioTags, parseVideoTags, type VideoTag } from '../publish/flv.ts';
import { readMetadata } from '../publish/metadata.ts';
import type { TagType } from '../rtmp/session.ts';
import type { IngestTarget } from '../service/ports.ts';
import { nameEncoder } from '../supervise/sentences.ts';
import { InputClock } from './input-clock.ts';
import { Recording, type RecordingDeps, type RecordingStand } from './recording.ts';
import { lengthOf, pictureFormat, soundFormat, type TrackFormat } from './track-format.ts';

/** A piece ends at a key frame after so long, and anywhere after the second figure, ms: what a crash of this process loses. */
const PIECE_MS = 1_900;
const LONGEST_PIECE_MS = 3_000;
/** And before it is too large for one call. */
const MOST_PIECE_BYTES = 3 * 1024 * 1024;
/** Sound that is further from its samples than this has a hole, ms. */
const SOUND_TOLERANCE_MS = 100;
const PICTURE_STOPPED_MS = 1_000;
/** Further sound tracks that are kept. */
const MOST_TRACKS = 8;
/** From one recording to the next, ms: neither an encoder that changes its codec all the time nor a channel that is gone makes more. */
const BEGIN_ANEW_MS = 5_000;
/** Configurations of one recording, each an object in storage: an encoder that sends more goes on in another one. */
const MOST_CONFIGURATIONS = 200;

export type InputRecorderDeps = Omit<RecordingDeps, 'channelId' | 'protocol' | 'startedAtMs'> & {
  /** Wall clock, ms since 1970. */
  wallMs?: () => number;
  makeId?: () => string;
};

const makeRecordingId = () => `ir_${randomBytes(16).toString('hex')}`;

/**
 * Records what an encoder sends, untouched: samples are written as they came, only their frame around them is ours. One ingest is one recording,
 * over reconnects and a takeover by the backup; one that changes its codec, or was finished by others, goes on in another one.
 */
export class InputRecorder {
  private recording: Recording | null = null;
  private clock = new InputClock(0);
  /** What the encoder on air told, by track. */
  private readonly formats = new Map<string, TrackFormat>();
  /** What the tracks of the recording are, also while another encoder has not told its own yet. */
  private written = new Map<string, TrackFormat>();
  private readonly unknown = new Set<string>();
  private waitsForKey = true;
  private told = { width: 0, height: 0 };
  private encoder = '';
  private pieceAtMs: number | null = null;
  private openedAtMs = Number.NEGATIVE_INFINITY;
  private configurations = 0;
  private readonly ending = new Set<Promise<void>>();

  constructor(
    private readonly target: Pick<IngestTarget, 'channelId'>,
    private readonly protocol: RecordingDeps['protocol'],
    private readonly deps: InputRecorderDeps,
  ) {}

  get stand(): RecordingStand | null {
    return this.recording?.stand ?? null;
  }

  /** Another encoder is on air: its clock, its configuration and its size are its own. */
  encoderChanged(agent: string): void {
    this.rest();
    this.clock.begin();
    this.formats.clear();
    this.waitsForKey = true;
    this.told = { width: 0, height: 0 };
    this.encoder = nameEncoder(agent);
  }

  /** Nothing comes for now: what is held is stored. */
  rest(): void {
    this.recording?.cut(null);
    this.pieceAtMs = null;
  }

  /** @param nowMs a clock that never goes back */
  take(type: TagType, timestampMs: number, body: Buffer, nowMs: number): void {
    if (type === 18) {
      const { encoder, width, height } = readMetadata(body);
      this.told = { width: Math.round(width), height: Math.round(height) };
      if (encoder) this.encoder = nameEncoder(encoder);
      return;
    }
    if (type === 9) {
      // Further pictures are other sizes of the same one.
      for (const tag of parseVideoTags(body)) if (tag.track === 0) this.picture(tag, timestampMs, nowMs);
    } else for (const tag of parseAudioTags(body)) this.sound(tag, timestampMs, nowMs);
  }

  /** Nothing more comes: resolves when all is stored and told, or will not be. */
  async end(): Promise<void> {
    this.leave();
    await Promise.all(this.ending);
  }

  private picture(tag: VideoTag, timestampMs: number, nowMs: number): void {
    if (tag.kind === 'config' || tag.codec === 'other') this.configure('video', tag, pictureFormat(tag, this.told));
    const format = this.formats.get('video');
    if (tag.kind !== 'frame' || format?.codec !== tag.codec) return;
    const recording = this.open(nowMs);
    if (!recording || (this.waitsForKey && !tag.isKey)) return;
    this.waitsForKey = false;
    const atMs = this.place(recording, timestampMs, nowMs);
    this.cutInTime(recording, atMs, tag.isKey, true);
    const track = recording.track('video');
    track.begin(format);
    track.addPicture(atMs, { isKey: tag.isKey, offsetMs: tag.compositionMs, data: tag.data });
  }

  private sound(tag: AudioTag, timestampMs: number, nowMs: number): void {
    if (tag.track >= MOST_TRACKS) return;
    const name = tag.track === 0 ? 'audio' : `audio-${tag.track}`;
    const isNews = tag.kind === 'config' || tag.codec === 'other' || (tag.codec === 'mp3' && !this.formats.has(name));
    if (isNews) this.configure(name, tag, soundFormat(tag));
    const format = this.formats.get(name);
    if (tag.kind !== 'frame' || format?.codec !== tag.codec || tag.data.length === 0) return;
    const recording = this.open(nowMs);
    if (!recording) return;
    const atMs = this.place(recording, timestampMs, nowMs);
    // With a picture it is the picture that cuts, unless it has stopped.
    const hasPicture = this.formats.has('video');
    this.cutInTime(recording, hasPicture ? atMs - PICTURE_STOPPED_MS : atMs, !hasPicture, false);
    const track = recording.track(name);
    track.begin(format);
    track.addSound(atMs, { samples: lengthOf(tag), data: tag.data }, SOUND_TOLERANCE_MS);
  }

  private configure(name: string, tag: { codec: string; codecName: string }, format: TrackFormat | null): void {
    if (!format) {
      if (tag.codec === 'other') this.unknown.add(tag.codecName);
      return;
    }
    const before = this.formats.get(name);
    if (before && Buffer.compare(before.head, format.head) === 0) return;
    this.formats.set(name, format);
    this.configurations += 1;
    if (this.configurations > MOST_CONFIGURATIONS) this.leave();
    const written = this.written.get(name);
    // Another size is a new header of the same track; another codec or rate is another file.
    if (written && (written.codec !== format.codec || written.timescale !== format.timescale)) this.leave();
    else this.written.set(name, format);
  }

  private open(nowMs: number): Recording | null {
    if (this.recording?.isClosed) {
      this.deps.log.warn({ recordingId: this.recording.id }, 'a recording was finished by others; another one begins');
      this.leave();
    }
    if (this.recording) return this.recording;
    if (this.target.channelId === null || nowMs - this.openedAtMs < BEGIN_ANEW_MS) return null;
    this.openedAtMs = nowMs;
    this.configurations = 0;
    this.clock = new InputClock(nowMs);
    this.pieceAtMs = null;
    this.recording = new Recording((this.deps.makeId ?? makeRecordingId)(), {
      ...this.deps,
      channelId: this.target.channelId,
      protocol: this.protocol,
      startedAtMs: (this.deps.wallMs ?? Date.now)(),
    });
    this.recording.encoder = this.encoder;
    this.written = new Map(this.formats);
    return this.recording;
  }

  private place(recording: Recording, timestampMs: number, nowMs: number): number {
    const atMs = this.clock.place(timestampMs, nowMs);
    recording.durationMs = Math.max(recording.durationMs, atMs, 0);
    recording.encoder ||= this.encoder;
    recording.leftOut = this.unknown;
    return atMs;
  }

  private cutInTime(recording: Recording, atMs: number, isKey: boolean, isPicture: boolean): void {
    this.pieceAtMs ??= atMs;
    const ageMs = atMs - this.pieceAtMs;
    const isDue = ageMs >= LONGEST_PIECE_MS || recording.heldBytes >= MOST_PIECE_BYTES || (isKey && ageMs >= PIECE_MS);
    if (!isDue) return;
    recording.cut(isPicture ? atMs : null);
    this.pieceAtMs = isPicture ? atMs : null;
  }

  private leave(): void {
    const { recording } = this;
    if (!recording) return;
    this.recording = null;
    this.waitsForKey = true;
    const ending = recording.end().finally(() => this.ending.delete(ending));
    this.ending.add(ending);
  }
}
