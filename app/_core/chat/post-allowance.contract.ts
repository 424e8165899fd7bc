import { describe, expect, test } from 'vitest';
import { ALLOWANCES, type PostAllowance } from './post-allowance.ts';

/** What every allowance does. */
export function describePostAllowanceContract(name: string, allowance: PostAllowance, freshPerson: () => string): void {
  describe(`${name} keeps the post allowance contract`, () => {
    test('exactly the allowance is granted, then the wait is told', async () => {
      const who = freshPerson();
      const { points, seconds } = ALLOWANCES.chat;
      for (let i = 0; i < points; i += 1) expect(await allowance.take('chat', who)).toBe(0);
      const waitMs = await allowance.take('chat', who);
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(seconds * 1000);
    });

    test('people, and kinds of posting, do not use up each other', async () => {
      const [one, two] = [freshPerson(), freshPerson()];
      for (let i = 0; i <= ALLOWANCES.chat.points; i += 1) await allowance.take('chat', one);
      expect(await allowance.take('chat', two)).toBe(0);
      expect(await allowance.take('reaction', one)).toBe(0);
    });
  });
}
