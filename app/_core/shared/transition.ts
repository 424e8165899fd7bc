/** A state machine as data: from state, by fact, to state. A missing entry means that the fact changes nothing. */
export type TransitionTable<State extends string, Fact extends string> = Record<State, Partial<Record<Fact, State>>>;

/** The next state, or null when this fact changes nothing in this state. Never throws: facts may repeat and come late. */
export function transition<State extends string, Fact extends string>(
  table: TransitionTable<State, Fact>,
  from: State,
  fact: Fact,
): State | null {
  return table[from][fact] ?? null;
}
