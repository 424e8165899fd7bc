/** Port: how often one person may post. Shared by all instances; a lost store means that each instance counts alone. */
export type PostAllowance = {
  /**
   * Takes one from the person's allowance.
   * @param what chat lines or reactions, each with an allowance of its own
   * @param who the author's id
   * @returns 0 when it was granted, else milliseconds until the next one is
   */
  take(what: AllowanceKind, who: string): Promise<number>;
};

export type AllowanceKind = 'chat' | 'chat-moderator' | 'reaction' | 'rename';

/** Per person: `points` in `seconds`. */
export const ALLOWANCES: Record<AllowanceKind, { points: number; seconds: number }> = {
  chat: { points: 20, seconds: 30 },
  'chat-moderator': { points: 100, seconds: 30 },
  reaction: { points: 60, seconds: 10 },
  rename: { points: 6, seconds: 60 },
};
