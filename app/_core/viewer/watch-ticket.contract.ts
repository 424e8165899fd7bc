import { beforeEach, describe, expect, test } from 'vitest';
import type { WatchTickets } from './watch-ticket.ts';

/** What every store of tickets must do. `make` gives an empty one in which the broadcasts exist. */
export function describeWatchTicketsContract(make: (broadcastIds: string[]) => Promise<WatchTickets>): void {
  describe('a store of tickets', () => {
    const made = (id: string, broadcastId = 'br_one', s = 0) => ({
      id,
      broadcastId,
      label: `for ${id}`,
      createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, s)),
    });
    const now = new Date('2026-01-02T03:04:05.000Z');
    let tickets: WatchTickets;
    beforeEach(async () => {
      tickets = await make(['br_one', 'br_two']);
      await tickets.add([made('tk_b', 'br_one', 2), made('tk_a', 'br_one', 1)]);
      await tickets.add([made('tk_other', 'br_two')]);
      await tickets.add([]);
    });

    test('lists those of one broadcast, oldest first', async () => {
      expect((await tickets.find('br_one')).map(({ id }) => id)).toEqual(['tk_a', 'tk_b']);
      expect(await tickets.get('tk_a')).toEqual({
        ...made('tk_a', 'br_one', 1),
        claimedAt: null,
        revokedAt: null,
      });
      expect([await tickets.find('br_none'), await tickets.get('tk_none')]).toEqual([[], null]);
    });

    test('is the first browser’s, also when two come at the same moment, and stays its own', async () => {
      const both = await Promise.all([tickets.claim('tk_a', 'first', now), tickets.claim('tk_a', 'second', now)]);
      expect(both.toSorted()).toEqual(['taken', 'yours']);
      const [winner, loser] = both[0] === 'yours' ? ['first', 'second'] : ['second', 'first'];
      const later = new Date(now.getTime() + 60_000);
      expect(await tickets.claim('tk_a', winner, later)).toBe('yours');
      expect(await tickets.claim('tk_a', loser, later)).toBe('taken');
      expect((await tickets.get('tk_a'))?.claimedAt).toEqual(now);
      expect(await tickets.claim('tk_none', 'first', now)).toBe('unknown');
    });

    test('one that was taken back is nobody’s, used or not', async () => {
      await tickets.claim('tk_a', 'first', now);
      expect(await tickets.revoke('br_one', 'tk_a', now)).toMatchObject({ id: 'tk_a', revokedAt: now });
      expect(await tickets.revoke('br_one', 'tk_b', now)).toMatchObject({ id: 'tk_b', claimedAt: null });
      expect(await tickets.claim('tk_a', 'first', now)).toBe('revoked');
      expect(await tickets.claim('tk_b', 'first', now)).toBe('revoked');
      const again = await tickets.revoke('br_one', 'tk_a', new Date(now.getTime() + 1000));
      expect(again?.revokedAt).toEqual(now);
    });

    test('is taken back by its own broadcast alone', async () => {
      expect(await tickets.revoke('br_two', 'tk_a', now)).toBeNull();
      expect(await tickets.claim('tk_a', 'first', now)).toBe('yours');
    });
  });
}
