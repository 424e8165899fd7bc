import type { WatchTicket, WatchTickets } from '#core/viewer/watch-ticket';

/** Twin of the tickets. */
export function memoryWatchTickets(): WatchTickets {
  const all = new Map<string, WatchTicket & { holder: string | null }>();
  const plain = ({ holder: _, ...ticket }: WatchTicket & { holder: string | null }): WatchTicket => ticket;
  return {
    async add(tickets) {
      for (const one of tickets) all.set(one.id, { ...one, claimedAt: null, revokedAt: null, holder: null });
    },
    find: async (broadcastId) =>
      [...all.values()]
        .filter((one) => one.broadcastId === broadcastId)
        .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.id.localeCompare(b.id))
        .map(plain),
    async get(id) {
      const found = all.get(id);
      return found ? plain(found) : null;
    },
    async claim(id, holder, now) {
      const found = all.get(id);
      if (!found) return 'unknown';
      if (found.revokedAt) return 'revoked';
      if (found.holder !== null) return found.holder === holder ? 'yours' : 'taken';
      Object.assign(found, { holder, claimedAt: now });
      return 'yours';
    },
    async revoke(broadcastId, id, now) {
      const found = all.get(id);
      if (found?.broadcastId !== broadcastId) return null;
      found.revokedAt ??= now;
      return plain(found);
    },
  };
}
