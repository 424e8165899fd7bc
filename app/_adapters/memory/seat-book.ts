import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import { SEAT_LEASE_MS, SEAT_RANKS, SEATS_LINGER_MS, type Seat, type SeatBook } from '#core/viewer/seat-book';

type Taken = { seat: Seat; takenAt: number; endsAt: number };

/** Seats in memory; `away` makes every question fail. */
export type MemorySeatBook = SeatBook & { away: boolean };

export function createMemorySeatBook(clock: Clock): MemorySeatBook {
  const taken = new Map<string, Taken>();
  const wantedUntil = new Map<string, number>();
  let order = 0;
  const now = () => {
    if (book.away) throw new AppError('unavailable', { blame: 'operator', retry: 'with-back-off' });
    const at = clock.now().getTime();
    for (const [id, { endsAt }] of taken) if (endsAt <= at) taken.delete(id);
    return at;
  };
  const want = (broadcastId: string, at: number) => wantedUntil.set(broadcastId, at + SEAT_LEASE_MS + SEATS_LINGER_MS);
  const isWanted = (broadcastId: string, at: number) => (wantedUntil.get(broadcastId) ?? 0) > at;
  const weight = ({ seat }: Taken) => SEAT_RANKS.indexOf(seat.rank);
  const find = (broadcastId: string, id: string) => {
    const found = taken.get(id);
    return found?.seat.broadcastId === broadcastId ? found : null;
  };

  const book: MemorySeatBook = {
    away: false,
    async take(seat, budget) {
      const at = now();
      if (budget <= 0) return { taken: false };
      let displaced: Taken | undefined;
      if (taken.size >= budget) {
        [displaced] = [...taken.values()].sort((a, b) => weight(a) - weight(b) || b.takenAt - a.takenAt);
        if (!displaced || weight(displaced) >= SEAT_RANKS.indexOf(seat.rank)) return { taken: false };
        taken.delete(displaced.seat.id);
      }
      const first = !isWanted(seat.broadcastId, at);
      taken.set(seat.id, { seat, takenAt: order++, endsAt: at + SEAT_LEASE_MS });
      want(seat.broadcastId, at);
      return { taken: true, first, displaced: displaced?.seat ?? null };
    },
    async renew(broadcastId, id) {
      const at = now();
      const found = find(broadcastId, id);
      if (!found) return null;
      found.endsAt = at + SEAT_LEASE_MS;
      want(broadcastId, at);
      return found.seat;
    },
    async leave(broadcastId, id) {
      now();
      const found = find(broadcastId, id);
      if (found) taken.delete(id);
      return found?.seat ?? null;
    },
    async list(broadcastId) {
      now();
      return [...taken.values()].flatMap(({ seat }) => (seat.broadcastId === broadcastId ? [seat] : []));
    },
    isWanted: async (broadcastId) => isWanted(broadcastId, now()),
  };
  return book;
}
