import type { ReactionCounts, ReactionTally } from '#core/chat/reaction-tally';

/** Twin of the Redis tally. */
export function createMemoryReactionTally(): ReactionTally {
  const tallies = new Map<string, ReactionCounts>();
  return {
    async add(broadcastId, counts) {
      const tally = tallies.get(broadcastId) ?? {};
      for (const [kind, count] of Object.entries(counts)) tally[kind] = (tally[kind] ?? 0) + count;
      tallies.set(broadcastId, tally);
    },
    totals: async (broadcastId) => ({ ...tallies.get(broadcastId) }),
  };
}
