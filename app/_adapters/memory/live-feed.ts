import type { FeedBatch, FeedReader, FeedSnapshot } from '#core/playback/feed-reader';
import type { FeedStatus } from '#core/playback/feed-status';
import type { FeedEntry, FeedNews, FeedRecord, IndexEntry } from '#core/playback/live-feed';
import { AppError } from '#core/shared/app-error';

type Stream = { entries: FeedEntry[]; index: IndexEntry[] };
type Feed = { record: FeedRecord; streams: Map<string, Stream>; inits: Map<string, Uint8Array> };

/** The live feed in memory with its writing side; `away` makes every question fail, followers wait until it is back. */
export class MemoryLiveFeed implements FeedReader, FeedStatus {
  away = false;
  followers = 0;
  readonly #feeds = new Map<string, Feed>();
  readonly #watchers = new Set<(news: FeedNews) => void>();
  readonly #wakers = new Set<() => void>();

  writeRecord(playbackId: string, record: FeedRecord): void {
    const feed = this.#feeds.get(playbackId);
    if (feed) feed.record = record;
    else this.#feeds.set(playbackId, { record, streams: new Map(), inits: new Map() });
    for (const watch of this.#watchers) watch({ playbackId, state: record.state, shows: record.shows });
    this.wake();
  }

  writeInit(playbackId: string, rendition: string, epoch: number, bytes: Uint8Array): void {
    this.#feeds.get(playbackId)?.inits.set(`${rendition}:${epoch}`, bytes);
  }

  append(playbackId: string, rendition: string, entries: FeedEntry[], index: IndexEntry[] = []): void {
    const streams = this.#feeds.get(playbackId)?.streams;
    const stream = streams?.get(rendition) ?? { entries: [], index: [] };
    streams?.set(rendition, stream);
    stream.entries.push(...entries);
    stream.index.push(...index);
    this.wake();
  }

  remove(playbackId: string): void {
    this.#feeds.delete(playbackId);
    this.wake();
  }

  wake(): void {
    for (const waker of this.#wakers) waker();
  }

  #ask(playbackId: string): Feed | undefined {
    if (this.away) throw new AppError('unavailable', { blame: 'operator' });
    return this.#feeds.get(playbackId);
  }

  async record(playbackId: string) {
    return this.#ask(playbackId)?.record ?? null;
  }

  get = (playbackId: string) => this.record(playbackId);

  async watch(handler: (news: FeedNews) => void) {
    this.#watchers.add(handler);
    return async () => {
      this.#watchers.delete(handler);
    };
  }

  async snapshot(playbackId: string): Promise<FeedSnapshot | null> {
    const feed = this.#ask(playbackId);
    if (!feed) return null;
    const renditions: FeedSnapshot['renditions'] = new Map();
    for (const { id } of feed.record.renditions) {
      const { entries, index } = feed.streams.get(id) ?? { entries: [], index: [] };
      renditions.set(id, { entries: [...entries], index: [...index], cursor: String(entries.length) });
    }
    return { record: feed.record, inits: new Map(feed.inits), renditions };
  }

  async init(playbackId: string, rendition: string, epoch: number) {
    return this.#ask(playbackId)?.inits.get(`${rendition}:${epoch}`) ?? null;
  }

  #newest(playbackId: string, cursors: Map<string, string>): FeedBatch[] {
    if (this.away) return [];
    const streams = this.#feeds.get(playbackId)?.streams;
    return [...cursors].flatMap(([rendition, cursor]) => {
      const entries = streams?.get(rendition)?.entries.slice(Number.parseInt(cursor, 10)) ?? [];
      const next = String(Number.parseInt(cursor, 10) + entries.length);
      return entries.length === 0 ? [] : [{ rendition, entries, cursor: next }];
    });
  }

  async *follow(playbackId: string, cursors: Map<string, string>, signal: AbortSignal) {
    this.followers++;
    try {
      while (!signal.aborted) {
        const batches = this.#newest(playbackId, cursors);
        if (batches.length > 0) yield batches;
        else {
          await this.#change(signal);
          yield [];
        }
      }
    } finally {
      this.followers--;
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waker = () => {
        this.#wakers.delete(waker);
        signal.removeEventListener('abort', waker);
        resolve();
      };
      this.#wakers.add(waker);
      signal.addEventListener('abort', waker, { once: true });
    });
  }
}
