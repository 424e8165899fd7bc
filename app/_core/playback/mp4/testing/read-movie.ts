import { type Box, readBoxes, viewOf } from '../read-boxes.ts';

export type MovieSample = { at: number; size: number; time: number; duration: number; sync: boolean; entry: number };
export type ReadTrack = {
  kind: string;
  timescale: number;
  length: number;
  entries: number;
  samples: MovieSample[];
  /** Duration in movie units and media time of each edit. */
  edits: { duration: number; from: number }[];
};
export type ReadMovie = { order: string[]; timescale: number; length: number; tracks: ReadTrack[]; mdat: Box };

/** Reads a progressive file sample by sample, as a player does: what the writer's tests hold it to. */
export function readMovie(bytes: Uint8Array): ReadMovie {
  const data = viewOf(bytes);
  const long = (at: number) => Number(data.getBigUint64(at));
  const movie: ReadMovie = { order: [], timescale: 0, length: 0, tracks: [], mdat: { type: 'mdat', start: 0, end: 0 } };
  const boxes = [...readBoxes(data)];
  let outside = 0;
  for (const box of boxes) {
    if (box.start < outside) continue;
    movie.order.push(box.type);
    outside = box.end;
    if (box.type === 'mdat') movie.mdat = box;
  }
  for (const { type, start } of boxes) {
    if (type !== 'mvhd') continue;
    movie.timescale = data.getUint32(start + 20);
    movie.length = long(start + 24);
  }
  for (const trak of boxes.filter(({ type }) => type === 'trak')) {
    const inside = boxes.filter(({ start, end }) => start > trak.start && end <= trak.end);
    const find = (type: string) => inside.find((box) => box.type === type)?.start ?? null;
    const table = (type: string) => {
      const start = find(type);
      if (start === null) return [];
      const count = data.getUint32(start + 4);
      return Array.from({ length: count }, (_, i) => ({ i, at: start + 8 }));
    };
    const u32 = (at: number) => data.getUint32(at);
    const durations = table('stts').flatMap(({ i, at }) => Array<number>(u32(at + i * 8)).fill(u32(at + i * 8 + 4)));
    const stsz = find('stsz') ?? 0;
    const sizes = Array.from({ length: u32(stsz + 8) }, (_, i) => u32(stsz + 12 + i * 4));
    const sync = find('stss') === null ? null : new Set(table('stss').map(({ i, at }) => u32(at + i * 4)));
    const chunks = [
      ...table('stco').map(({ i, at }) => u32(at + i * 4)),
      ...table('co64').map(({ i, at }) => long(at + i * 8)),
    ];
    const rows = table('stsc').map(({ i, at }) => [0, 4, 8].map((field) => u32(at + i * 12 + field)));
    const samples: MovieSample[] = [];
    let time = 0;
    for (const [index, chunk] of chunks.entries()) {
      const row = rows.findLast(([first = 0]) => first <= index + 1) ?? [];
      let at = chunk;
      for (let i = 0; i < (row[1] ?? 0); i++) {
        const number = samples.length;
        const [size = 0, duration = 0] = [sizes[number], durations[number]];
        samples.push({ at, size, time, duration, sync: sync?.has(number + 1) ?? true, entry: row[2] ?? 0 });
        at += size;
        time += duration;
      }
    }
    if (samples.length !== sizes.length || durations.length !== sizes.length) throw new Error('the tables disagree');
    const mdhd = find('mdhd') ?? 0;
    const edits = table('elst').map(({ i, at }) => ({
      duration: long(at + i * 20),
      from: Number(data.getBigInt64(at + i * 20 + 8)),
    }));
    const handler = find('hdlr') ?? 0;
    movie.tracks.push({
      kind: String.fromCharCode(...bytes.subarray(handler + 8, handler + 12)),
      timescale: u32(mdhd + 20),
      length: long(mdhd + 24),
      entries: u32((find('stsd') ?? 0) + 4),
      samples,
      edits,
    });
  }
  return movie;
}
