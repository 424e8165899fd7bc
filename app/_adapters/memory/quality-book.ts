import { AppError } from '#core/shared/app-error';
import type { QualityBook } from '#core/viewer/quality-book';
import { addTally, type QualityTally } from '#core/viewer/quality-tally';

/** Quality by minute in memory; `away` makes every call fail. */
export type MemoryQualityBook = QualityBook & { away: boolean };

export function createMemoryQualityBook(): MemoryQualityBook {
  const shows = new Map<string, Map<number, QualityTally>>();
  const check = () => {
    if (book.away) throw new AppError('unavailable', { blame: 'operator' });
  };
  const book: MemoryQualityBook = {
    away: false,
    async add(playbackId, minute, tally) {
      check();
      const minutes = shows.get(playbackId) ?? new Map<number, QualityTally>();
      shows.set(playbackId, minutes);
      const sum = minutes.get(minute) ?? {};
      minutes.set(minute, sum);
      addTally(sum, tally);
    },
    async read(playbackId) {
      check();
      return [...(shows.get(playbackId) ?? [])]
        .map(([minute, tally]) => ({ minute, tally }))
        .sort((a, b) => a.minute - b.minute);
    },
  };
  return book;
}
