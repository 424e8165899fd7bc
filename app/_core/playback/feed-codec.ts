import type { FeedEntry, IndexEntry } from './live-feed.ts';

/** Fields of one Redis stream entry: names to raw bytes. */
export type StreamFields = ReadonlyMap<string, Uint8Array>;

const text = new TextDecoder();

function reader(fields: StreamFields) {
  const string = (name: string): string | null => {
    const value = fields.get(name);
    return value === undefined ? null : text.decode(value);
  };
  return {
    string,
    int(name: string): number {
      const value = Number(string(name) ?? Number.NaN);
      if (!Number.isSafeInteger(value)) throw new RangeError(`feed entry: field ${name} is no whole number`);
      return value;
    },
    flag: (name: string): boolean => ['1', 'true'].includes(string(name) ?? ''),
    bytes(name: string): Uint8Array {
      const value = fields.get(name);
      if (value === undefined) throw new RangeError(`feed entry: field ${name} is missing`);
      return value;
    },
  };
}

/**
 * Reads one entry of `feed:{playbackId}:{rendition}`. Whole numbers are decimal text, flags `1` or `0`, bytes are not copied.
 * @returns null for a kind this version does not know, so that a newer writer may add kinds
 * @throws RangeError when a field of a known kind is missing or no number
 */
export function decodeFeedEntry(fields: StreamFields): FeedEntry | null {
  const { string, int, flag, bytes } = reader(fields);
  switch (string('t')) {
    case 'init':
      return { t: 'init', e: int('e'), b: bytes('b') };
    case 'part': {
      const place = { e: int('e'), m: int('m'), p: int('p') };
      return { t: 'part', ...place, d: int('d'), i: flag('i'), w: int('w'), x: flag('x'), b: bytes('b') };
    }
    case 'segment': {
      const key = string('k');
      const sums = { parts: int('parts'), d: int('d'), w: int('w') };
      return { t: 'segment', e: int('e'), m: int('m'), ...sums, x: flag('x'), k: key === '' ? null : key };
    }
    case 'gap':
      return { t: 'gap', e: int('e'), m: int('m'), d: int('d'), w: int('w'), x: flag('x') };
    case 'end':
      return { t: 'end', e: int('e'), m: int('m') };
    default:
      return null;
  }
}

/** The same entry as a flat list of names and values, as XADD takes it. */
export function encodeFeedEntry(entry: FeedEntry): (string | Uint8Array)[] {
  return Object.entries(entry).flatMap(([name, value]) => {
    if (value === null) return [name, ''];
    if (typeof value === 'boolean') return [name, value ? '1' : '0'];
    return [name, value instanceof Uint8Array ? value : String(value)];
  });
}

/** Reads one entry of the index stream `feed:{playbackId}:{rendition}:index`. @throws RangeError as above */
export function decodeIndexEntry(fields: StreamFields): IndexEntry {
  const { int, flag } = reader(fields);
  const row = { m: int('m'), e: int('e'), d: int('d'), w: int('w'), x: flag('x'), s: fields.has('s') ? int('s') : 0 };
  return flag('gap') ? { ...row, gap: true } : row;
}

/** The same row as a flat list of names and values. */
export function encodeIndexEntry({ gap, ...row }: IndexEntry): string[] {
  const fields = Object.entries(row).flatMap(([name, value]) => [name, String(Number(value))]);
  return gap ? [...fields, 'gap', '1'] : fields;
}
