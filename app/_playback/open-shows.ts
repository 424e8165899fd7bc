import { setTimeout as sleep } from 'node:timers/promises';
import type { MediaStorage } from '#core/recording/media-storage';
import { readStoredIndexes } from '#core/recording/stored-index';
import { LiveShow, type LiveShowParts } from './live-show.ts';
import type { Playable } from './playable.ts';
import { StoredShowReader } from './stored-show.ts';

/** A reader that nobody asked for this long is dropped. */
const IDLE_MS = 60_000;
/** A stored show is read again after this long: the finaliser may have mended it, or it was removed. */
const STORED_FRESH_MS = 60_000;
/** A show whose feed is lost is looked for again after this long. */
const LOST_FRESH_MS = 3000;
/** How often a show that is not there is looked for, however many ask. */
const ABSENT_MS = 500;

type Opened = { playable: Playable | null; usedAt: number; staleAt: number };

/** A live show that was lost a moment ago, and could not be found anywhere else either, is not looked for at each request. */
function isFresh({ playable, staleAt }: Opened, now: number): boolean {
  const isLost = playable instanceof LiveShow && playable.lost;
  return now < staleAt && !(isLost && staleAt === Number.POSITIVE_INFINITY);
}

/** The shows that are being watched here: one reader each, opened by its first request, closed when idle. */
export class OpenShows {
  readonly #opened = new Map<string, Opened>();
  readonly #opening = new Map<string, Promise<Playable | null>>();
  readonly #looking = new Map<string, Promise<Playable | null>>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(
    private readonly parts: LiveShowParts & { storage: MediaStorage },
    private readonly idleMs = IDLE_MS,
  ) {
    this.#sweeper = setInterval(() => this.sweep(), Math.min(idleMs, 10_000));
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#opened.size;
  }

  get live(): LiveShow[] {
    return [...this.#opened.values()].flatMap(({ playable }) => (playable instanceof LiveShow ? [playable] : []));
  }

  /**
   * The show's media, or null when there is none (yet).
   * @param dvrS how far back its live playlist goes, s; by default as far as the origin's setting says
   * @param how lookAnew: that there is none is only said after a look that began later than this question, within `ABSENT_MS`: a show
   *   begins while somebody polls for it, and whoever was told so must find it
   * @throws AppError when neither feed nor storage could be asked
   */
  async open(playbackId: string, dvrS = this.parts.settings.dvrS, how = { lookAnew: false }): Promise<Playable | null> {
    let playable = await this.#known(playbackId, dvrS);
    if (!playable && how.lookAnew) playable = await this.#lookAnew(playbackId, dvrS);
    playable?.reachBack(dvrS);
    return playable;
  }

  async #known(playbackId: string, dvrS: number): Promise<Playable | null> {
    const known = this.#opened.get(playbackId);
    const now = performance.now();
    if (known && isFresh(known, now)) {
      known.usedAt = now;
      return known.playable;
    }
    const found = this.#find(playbackId, dvrS);
    // A feed that hangs is asked for seconds: whoever watches out of storage goes on meanwhile with what was read before.
    if (
      known?.playable instanceof StoredShowReader &&
      known.playable.state === 'active' &&
      now < known.staleAt + LOST_FRESH_MS
    ) {
      found.catch(this.parts.onTrouble);
      known.usedAt = now;
      return known.playable;
    }
    return found;
  }

  #find(playbackId: string, dvrS: number): Promise<Playable | null> {
    const opening = this.#opening.get(playbackId) ?? this.#open(playbackId, dvrS);
    this.#opening.set(playbackId, opening);
    return opening;
  }

  /** The next look for a show that was not there a moment ago; all who ask meanwhile share it. */
  #lookAnew(playbackId: string, dvrS: number): Promise<Playable | null> {
    const known = this.#looking.get(playbackId);
    if (known) return known;
    const look = async () => {
      const leftMs = (this.#opened.get(playbackId)?.staleAt ?? 0) - performance.now();
      if (leftMs > 0) await sleep(leftMs, undefined, { ref: false });
      // One that is under way may have begun before the question.
      await this.#opening.get(playbackId)?.catch(() => null);
      this.#looking.delete(playbackId);
      return this.#opened.get(playbackId)?.playable ?? this.#find(playbackId, dvrS);
    };
    const looking = look();
    this.#looking.set(playbackId, looking);
    return looking;
  }

  async #open(playbackId: string, dvrS: number): Promise<Playable | null> {
    try {
      const playable = await this.#read(playbackId, dvrS);
      this.#opened.get(playbackId)?.playable?.close();
      const now = performance.now();
      const freshMs = !playable
        ? ABSENT_MS
        : playable instanceof LiveShow
          ? Number.POSITIVE_INFINITY
          : playable.state === 'ended'
            ? STORED_FRESH_MS
            : LOST_FRESH_MS;
      this.#opened.set(playbackId, { playable, usedAt: now, staleAt: now + freshMs });
      return playable;
    } catch (error) {
      // What was read before is better than nothing.
      const known = this.#opened.get(playbackId);
      if (!known?.playable) throw error;
      this.parts.onTrouble(error);
      known.staleAt = performance.now() + LOST_FRESH_MS;
      return known.playable;
    } finally {
      this.#opening.delete(playbackId);
    }
  }

  async #read(playbackId: string, dvrS: number): Promise<Playable | null> {
    let feedError: unknown;
    try {
      const snapshot = await this.parts.reader.snapshot(playbackId);
      if (snapshot) return new LiveShow(playbackId, snapshot, this.parts);
    } catch (error) {
      feedError = error;
    }
    const indexes = await readStoredIndexes(this.parts.storage, playbackId);
    if (indexes.length === 0) {
      if (feedError) throw feedError;
      return null;
    }
    if (feedError) this.parts.onTrouble(feedError);
    return new StoredShowReader(playbackId, indexes, this.parts.stored, { dvrS });
  }

  /** Drops readers that nobody uses. */
  sweep(): void {
    const before = performance.now() - this.idleMs;
    for (const [playbackId, { playable, usedAt }] of this.#opened) {
      if (usedAt > before || (playable instanceof LiveShow && playable.waiting > 0)) continue;
      playable?.close();
      this.#opened.delete(playbackId);
    }
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const { playable } of this.#opened.values()) playable?.close();
    this.#opened.clear();
  }
}
