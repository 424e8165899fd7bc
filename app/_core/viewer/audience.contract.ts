import { describe, expect, test } from 'vitest';
import type { Clock } from '#core/shared/clock';
import { AUDIENCE_LEASE_MS, type Audience } from './audience.ts';

/** What every audience does. @param make an audience that reads this clock; `playbackId` is unused so far */
export function describeAudienceContract(
  name: string,
  make: (clock: Clock) => { audience: Audience; playbackId: string },
): void {
  const start = (): { audience: Audience; playbackId: string; pass(ms: number): void } => {
    let now = Date.now();
    const made = make({ now: () => new Date(now) });
    return {
      ...made,
      pass(ms) {
        now += ms;
      },
    };
  };

  describe(`${name} keeps the contract of the audience`, () => {
    test('nobody watches at first', async () => {
      const { audience, playbackId } = start();
      expect(await audience.count(playbackId)).toBe(0);
    });

    test('a session counts once, however often it beats', async () => {
      const { audience, playbackId } = start();
      for (const session of ['viewer-one', 'viewer-two', 'viewer-one']) await audience.beat(playbackId, session);
      expect(await audience.count(playbackId)).toBe(2);
    });

    test('45 s of silence end a session, a beat in time does not', async () => {
      const { audience, playbackId, pass } = start();
      await audience.beat(playbackId, 'viewer-one');
      await audience.beat(playbackId, 'viewer-two');
      pass(AUDIENCE_LEASE_MS - 1000);
      await audience.beat(playbackId, 'viewer-two');
      pass(2000);
      expect(await audience.count(playbackId)).toBe(1);
    });

    test('whoever leaves is gone at once, and twice is as good as once', async () => {
      const { audience, playbackId } = start();
      await audience.beat(playbackId, 'viewer-one');
      await audience.leave(playbackId, 'viewer-one');
      await audience.leave(playbackId, 'viewer-one');
      expect(await audience.count(playbackId)).toBe(0);
    });
  });
}
