import { describe, expect, test } from 'vitest';
import type { QualityBook } from './quality-book.ts';

/** What every quality book does. @param make one where `playbackId` is unused */
export function describeQualityBookContract(name: string, make: () => { book: QualityBook; playbackId: string }): void {
  describe(`${name} keeps the contract of the quality book`, () => {
    test('a show without reports has an empty book', async () => {
      const { book, playbackId } = make();
      expect(await book.read(playbackId)).toEqual([]);
    });

    test('what several origins add is summed by minute, in order, for this show alone', async () => {
      const { book, playbackId } = make();
      await book.add(playbackId, 29_000_001, { reports: 2, 'error.network': 1 });
      await book.add(playbackId, 29_000_000, { reports: 1, playedMs: 20_000 });
      await Promise.all([1, 2].map((reports) => book.add(playbackId, 29_000_001, { reports, playedMs: 5 })));
      expect(await book.read(playbackId)).toEqual([
        { minute: 29_000_000, tally: { reports: 1, playedMs: 20_000 } },
        { minute: 29_000_001, tally: { reports: 5, playedMs: 10, 'error.network': 1 } },
      ]);
      expect(await book.read(`${playbackId}x`)).toEqual([]);
    });
  });
}
