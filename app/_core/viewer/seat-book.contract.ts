import { describe, expect, test } from 'vitest';
import type { Clock } from '#core/shared/clock';
import { SEAT_LEASE_MS, SEATS_LINGER_MS, type Seat, type SeatBook, type SeatRank } from './seat-book.ts';

/** What every seat book does. @param make an empty book that reads this clock */
export function describeSeatBookContract(name: string, make: (clock: Clock) => Promise<SeatBook>): void {
  async function start() {
    let now = Date.now();
    const book = await make({ now: () => new Date(now) });
    const seat = (id: string, rank: SeatRank = 'viewer', broadcastId = 'br_a'): Seat => ({
      id,
      broadcastId,
      rank,
      viewer: null,
    });
    return {
      book,
      seat,
      /** Takes one a moment after the last. */
      take(taken: Seat, budget = 10) {
        now += 1;
        return book.take(taken, budget);
      },
      pass(ms: number) {
        now += ms;
      },
      ids: async (broadcastId = 'br_a') => (await book.list(broadcastId)).map(({ id }) => id).sort(),
    };
  }

  describe(`${name} keeps the contract of the seat book`, () => {
    test('nobody has a seat at first, and none is wanted', async () => {
      const { book, ids } = await start();
      expect(await ids()).toEqual([]);
      expect(await book.isWanted('br_a')).toBe(false);
      expect(await book.renew('br_a', 'seat_1')).toBeNull();
      expect(await book.leave('br_a', 'seat_1')).toBeNull();
    });

    test('a seat is listed for its own broadcast as it was taken; the first one is told', async () => {
      const { book, seat, take } = await start();
      const mine = { ...seat('seat_1', 'guest'), viewer: 'order-17' };
      expect(await take(mine)).toEqual({ taken: true, first: true, displaced: null });
      expect(await take(seat('seat_2'))).toEqual({ taken: true, first: false, displaced: null });
      expect(await take(seat('seat_3', 'viewer', 'br_b'))).toEqual({ taken: true, first: true, displaced: null });
      expect((await book.list('br_a')).find(({ id }) => id === 'seat_1')).toEqual(mine);
      expect(await book.list('br_b')).toEqual([seat('seat_3', 'viewer', 'br_b')]);
      expect(await book.isWanted('br_b')).toBe(true);
    });

    test('a seat lasts as long as it is renewed', async () => {
      const { book, seat, take, pass, ids } = await start();
      for (const id of ['seat_kept', 'seat_left']) await take(seat(id));
      pass(SEAT_LEASE_MS - 1000);
      expect(await book.renew('br_a', 'seat_kept')).toEqual(seat('seat_kept'));
      pass(2000);
      expect(await ids()).toEqual(['seat_kept']);
      expect(await book.renew('br_a', 'seat_left')).toBeNull();
    });

    test('a seat is nobody else’s: another broadcast neither renews nor leaves it', async () => {
      const { book, seat, take, ids } = await start();
      await take(seat('seat_1'));
      expect(await book.renew('br_b', 'seat_1')).toBeNull();
      expect(await book.leave('br_b', 'seat_1')).toBeNull();
      expect(await ids()).toEqual(['seat_1']);
    });

    test('the program stays wanted for a while after the last one left', async () => {
      const { book, seat, take, pass, ids } = await start();
      await take(seat('seat_1'));
      expect(await book.leave('br_a', 'seat_1')).toEqual(seat('seat_1'));
      expect(await ids()).toEqual([]);
      expect(await book.isWanted('br_a')).toBe(true);
      pass(SEAT_LEASE_MS + SEATS_LINGER_MS + 1000);
      expect(await book.isWanted('br_a')).toBe(false);
      expect(await take(seat('seat_2'))).toMatchObject({ first: true });
    });

    test('the budget counts over all broadcasts, and a seat given up is free for the next', async () => {
      const { book, seat, take } = await start();
      await take(seat('seat_1'), 2);
      await take(seat('seat_2', 'viewer', 'br_b'), 2);
      expect(await take(seat('seat_3'), 2)).toEqual({ taken: false });
      await book.leave('br_b', 'seat_2');
      expect(await take(seat('seat_3'), 2)).toMatchObject({ taken: true });
      expect(await take(seat('seat_4', 'host'), 0)).toEqual({ taken: false });
    });

    test('who needs it more puts out the lowest rank, of equals who came last; never an equal or higher one', async () => {
      const { seat, take, ids } = await start();
      await take(seat('seat_host', 'host'), 4);
      await take(seat('seat_early'), 4);
      await take(seat('seat_moderator', 'moderator'), 4);
      await take(seat('seat_late'), 4);
      expect(await take(seat('seat_more'), 4)).toEqual({ taken: false });
      expect(await take(seat('seat_guest', 'guest'), 4)).toMatchObject({ displaced: seat('seat_late') });
      expect(await take(seat('seat_second', 'moderator'), 4)).toMatchObject({ displaced: seat('seat_early') });
      expect(await take(seat('seat_third', 'moderator'), 4)).toEqual({ taken: false });
      expect(await take(seat('seat_other', 'host'), 4)).toMatchObject({ displaced: seat('seat_second', 'moderator') });
      expect(await ids()).toEqual(['seat_guest', 'seat_host', 'seat_moderator', 'seat_other']);
    });

    test('a seat whose lease is over counts no longer', async () => {
      const { seat, take, pass } = await start();
      await take(seat('seat_1'), 1);
      pass(SEAT_LEASE_MS + 1);
      expect(await take(seat('seat_2'), 1)).toMatchObject({ taken: true, displaced: null });
    });
  });
}
