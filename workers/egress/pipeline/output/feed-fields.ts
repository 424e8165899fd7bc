import type { FeedEntry, FeedRecord, IndexEntry } from '#core/playback/live-feed';

/** One stream entry as XADD takes it: names and values in turn; flags `1` or `0`, null as empty text. */
export function entryFields(entry: FeedEntry | IndexEntry): (string | Buffer)[] {
  return Object.entries(entry).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (value === null) return [name, ''];
    if (typeof value === 'boolean') return [name, value ? '1' : '0'];
    return [
      name,
      value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : String(value),
    ];
  });
}

/** Some fields of the record as HSET takes them. */
export function recordFields(record: Partial<FeedRecord>): string[] {
  return Object.entries(record).flatMap(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
}
