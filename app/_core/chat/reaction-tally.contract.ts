import { describe, expect, test } from 'vitest';
import type { ReactionTally } from './reaction-tally.ts';

/** What every tally does. */
export function describeReactionTallyContract(name: string, tally: ReactionTally, freshBroadcast: () => string): void {
  describe(`${name} keeps the reaction tally contract`, () => {
    test('a broadcast nobody reacted to has no totals', async () => {
      expect(await tally.totals(freshBroadcast())).toEqual({});
    });

    test('counts add up, kind by kind, and broadcasts are apart', async () => {
      const [one, two] = [freshBroadcast(), freshBroadcast()];
      await Promise.all([
        tally.add(one, { fire: 2, clap: 1 }),
        tally.add(one, { fire: 3 }),
        tally.add(two, { wow: 1 }),
      ]);
      expect(await tally.totals(one)).toEqual({ fire: 5, clap: 1 });
      expect(await tally.totals(two)).toEqual({ wow: 1 });
    });
  });
}
