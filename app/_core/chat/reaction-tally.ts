/** Counts by kind of reaction. */
export type ReactionCounts = Record<string, number>;

/** Port: totals of one broadcast's reactions. Counts only, nobody's name. */
export type ReactionTally = {
  add(broadcastId: string, counts: ReactionCounts): Promise<void>;
  totals(broadcastId: string): Promise<ReactionCounts>;
};
