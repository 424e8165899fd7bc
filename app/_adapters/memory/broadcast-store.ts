import type { BroadcastQuery, BroadcastRecord, BroadcastStore } from '#core/broadcast/broadcast-store';
import { AppError } from '#core/shared/app-error';

/** Twin of the broadcast store; keeps "one airs at a time" as the index of the database does. */
export function memoryBroadcastStore(): BroadcastStore {
  const all = new Map<string, BroadcastRecord>();
  const airs = (one: BroadcastRecord) => one.startRequestedAt !== null && one.state !== 'ended';
  function checkOneAiring(next: BroadcastRecord): void {
    if (!airs(next)) return;
    const other = [...all.values()].some((one) => one.id !== next.id && one.channelId === next.channelId && airs(one));
    if (other)
      throw new AppError('conflict', { blame: 'owner', message: 'Another broadcast of this channel is on air.' });
  }
  return {
    async add(broadcast) {
      checkOneAiring(broadcast);
      all.set(broadcast.id, structuredClone(broadcast));
    },
    async get(id) {
      const found = all.get(id);
      return found ? structuredClone(found) : null;
    },
    async find(query) {
      const found = [...all.values()].filter((one) => matches(one, query)).sort(orderOf(query));
      return structuredClone(found.slice(0, query.limit));
    },
    async update(id, seen, patch) {
      const known = all.get(id);
      if (!known || known.version !== seen.version || !seen.from.includes(known.state)) return null;
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const next: BroadcastRecord = { ...known, ...structuredClone(given), version: known.version + 1 };
      checkOneAiring(next);
      all.set(id, next);
      return structuredClone(next);
    },
  };
}

function matches(one: BroadcastRecord, query: BroadcastQuery): boolean {
  return (
    (query.channelId === undefined || one.channelId === query.channelId) &&
    (query.states === undefined || query.states.includes(one.state)) &&
    (!query.publicOnly || one.visibility === 'public') &&
    (query.startRequested === undefined || (one.startRequestedAt !== null) === query.startRequested) &&
    (query.endedAfter === undefined || (one.endedAt !== null && one.endedAt > query.endedAfter))
  );
}

function orderOf(query: BroadcastQuery): (a: BroadcastRecord, b: BroadcastRecord) => number {
  const due = (one: BroadcastRecord) => one.startsAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return query.order === 'soonest'
    ? (a, b) => due(a) - due(b)
    : (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || a.id.localeCompare(b.id);
}
