import { describe, expect, test } from 'vitest';
import type { ShowInput, ShowRegistry } from './show.ts';

/** What every show registry does. @param make an empty one, or one where `playbackId` is unused */
export function describeShowRegistryContract(
  name: string,
  make: () => { shows: ShowRegistry; playbackId: string },
): void {
  const show = (playbackId: string, change: Partial<ShowInput> = {}): ShowInput => ({
    playbackId,
    visibility: 'public',
    grantEpoch: 0,
    title: 'A show',
    state: 'backstage',
    startsAt: null,
    version: 1,
    ...change,
  });

  describe(`${name} keeps the contract of the show registry`, () => {
    test('an unknown show is null', async () => {
      const { shows, playbackId } = make();
      expect(await shows.get(playbackId)).toBeNull();
    });

    test('the last put is got back', async () => {
      const { shows, playbackId } = make();
      await shows.put(show(playbackId));
      await shows.put(show(playbackId, { version: 2, visibility: 'members', grantEpoch: 1, state: 'live' }));
      const found = await shows.get(playbackId);
      expect(found).toMatchObject(
        show(playbackId, { version: 2, visibility: 'members', grantEpoch: 1, state: 'live' }),
      );
    });

    test('an older version never replaces a newer one', async () => {
      const { shows, playbackId } = make();
      await shows.put(show(playbackId, { version: 5, grantEpoch: 3 }));
      await shows.put(show(playbackId, { version: 4, grantEpoch: 2 }));
      expect((await shows.get(playbackId))?.grantEpoch).toBe(3);
    });
  });
}
