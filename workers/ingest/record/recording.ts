import { createNewestSender, type NewestSender } from '#bus/newest-sender';
import type { ServiceLog } from '#bus/service-log';
import type { IngestProtocol } from '../service/ports.ts';
import { type HeldBytes, PieceQueue, type StoreAnswer } from './piece-queue.ts';
import type { RecordingDesk, RecordingNote } from './recording-desk.ts';
import { type Piece, TrackPieces } from './track-pieces.ts';

/** A recording that is silent for longer than some of these is finished by others, ms. */
const NOTE_EVERY_MS = 5_000;

export type RecordingDeps = {
  desk: RecordingDesk;
  held: HeldBytes;
  log: ServiceLog;
  channelId: string;
  protocol: IngestProtocol;
  /** Wall clock of its zero, ms since 1970. */
  startedAtMs: number;
  firstPauseMs?: number;
};

/** How a recording stands with its storage. */
export type RecordingStand = {
  /** Storage has taken nothing for so long, ms; 0 while nothing waits. */
  waitsMs: number;
  /** Media that is missing, ms. */
  lostMs: number;
};

/** Refused for good: the recording is finished, or its channel is gone. */
class Closed extends Error {}

/** One recording in the making: its tracks, what of them is stored, and what is told of it. */
export class Recording {
  private readonly tracks = new Map<string, TrackPieces>();
  private readonly queue: PieceQueue;
  private readonly notes: NewestSender<boolean>;
  private readonly beat: NodeJS.Timeout;
  private readonly samples: Record<string, number> = {};
  private readonly waitsForKey = new Set<string>();
  private stored = 0;
  private lostMs = 0;
  private isOver = false;
  /** Length of what came, ms; and who sent it. */
  durationMs = 0;
  encoder = '';
  /** Codecs that MP4 does not carry. */
  leftOut: ReadonlySet<string> = new Set();

  constructor(
    readonly id: string,
    private readonly deps: RecordingDeps,
  ) {
    this.queue = new PieceQueue({
      store: (piece) => deps.desk.piece(id, piece.name, piece.body),
      held: deps.held,
      onStored: (piece) => this.onStored(piece),
      onFailure: (error, attempt) => this.warn(error, attempt, 'a piece of a recording was not stored'),
      onClosed: (lost) => {
        this.isOver = true;
        clearInterval(this.beat);
        this.lose(lost);
      },
      firstPauseMs: deps.firstPauseMs,
    });
    this.notes = createNewestSender<boolean>({
      send: (ended) => this.send(ended),
      isFinal: (error) => error instanceof Closed,
      onFailure: (error, attempt) => this.warn(error, attempt, 'a note of a recording was not taken'),
      firstBackOffMs: deps.firstPauseMs,
      maxBackOffMs: NOTE_EVERY_MS,
    });
    this.beat = setInterval(() => this.notes.offer(false), NOTE_EVERY_MS);
    this.notes.offer(false);
  }

  /** No more is taken: it was finished by others. */
  get isClosed(): boolean {
    return this.isOver;
  }

  get stand(): RecordingStand {
    return { waitsMs: this.queue.waitsMs, lostMs: this.lostMs };
  }

  /** Media held in memory until it is cut, bytes. */
  get heldBytes(): number {
    let bytes = 0;
    for (const track of this.tracks.values()) bytes += track.bytes;
    return bytes;
  }

  track(name: string): TrackPieces {
    const known = this.tracks.get(name);
    if (known) return known;
    const made = new TrackPieces(name, (piece) => this.offer(name, piece));
    this.tracks.set(name, made);
    return made;
  }

  /** Closes what is held into pieces. @param nextPictureAt where the next picture begins, ms; null when that is not known */
  cut(nextPictureAt: number | null): void {
    for (const [name, track] of this.tracks) track.cut(name === 'video' ? nextPictureAt : null);
  }

  /** Nothing more comes: resolves when all of it is stored and told, or will not be. */
  async end(): Promise<void> {
    this.cut(null);
    // Told of until then: what waits for storage to come back is not abandoned.
    await this.queue.settled();
    clearInterval(this.beat);
    if (!this.isOver) this.notes.offer(true);
    await this.notes.settled();
  }

  private offer(track: string, piece: Piece): void {
    const isHeader = piece.samples === 0;
    // Behind a gap pictures are of use from the next key frame on.
    const isUseless = !isHeader && this.waitsForKey.has(track) && !piece.isFresh;
    if (!isUseless && this.queue.offer(piece)) {
      if (!isHeader) this.waitsForKey.delete(track);
      return;
    }
    this.waitsForKey.add(track);
    if (!this.isOver) this.lose([piece]);
  }

  /** Of sound and picture that are missing for the same time, one counts. */
  private lose(pieces: Piece[]): void {
    const byTrack = new Map<string, number>();
    for (const { name, ms } of pieces) {
      const track = name.split('/')[0] ?? '';
      byTrack.set(track, (byTrack.get(track) ?? 0) + ms);
    }
    const isMain = (track: string) => track === 'video' || !this.tracks.has('video');
    const main = [...byTrack].filter(([track]) => isMain(track)).map(([, ms]) => ms);
    this.lostMs += Math.max(0, ...main);
  }

  private onStored(piece: Piece): void {
    const track = piece.name.split('/')[0] ?? '';
    this.stored += piece.body.length;
    this.samples[track] = (this.samples[track] ?? 0) + piece.samples;
  }

  private async send(ended: boolean): Promise<void> {
    const { channelId, protocol, startedAtMs } = this.deps;
    const note: RecordingNote = {
      channelId,
      protocol,
      encoder: this.encoder,
      startedAtMs: Math.round(startedAtMs),
      durationMs: Math.round(this.durationMs),
      bytes: this.stored,
      samples: this.samples,
      lostMs: Math.round(this.lostMs),
      leftOut: [...this.leftOut],
      ended,
    };
    const answer: StoreAnswer = await this.deps.desk.note(this.id, note);
    if (answer === 'stored') return;
    this.queue.close();
    throw new Closed('this recording takes no more');
  }

  private warn(error: unknown, attempt: number, text: string): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.deps.log.warn({ recordingId: this.id, attempt, reason }, text);
  }
}
