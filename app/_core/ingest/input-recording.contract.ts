import { beforeEach, describe, expect, test } from 'vitest';
import type { InputRecordingNote, InputRecordingStore } from './input-recording.ts';

const note = (changes: Partial<InputRecordingNote> = {}): InputRecordingNote => ({
  channelId: 'ch_contract',
  protocol: 'rtmp',
  encoder: 'OBS',
  startedAtMs: 1_700_000_000_000,
  durationMs: 0,
  bytes: 0,
  samples: {},
  lostMs: 0,
  leftOut: [],
  ended: false,
  ...changes,
});
const at = (ms: number) => new Date(1_700_000_000_000 + ms);

/** What every store of input recordings does. @param make an empty one in which the named channels exist */
export function describeInputRecordingsContract(make: (channelIds: string[]) => Promise<InputRecordingStore>): void {
  describe('the store of input recordings', () => {
    let store: InputRecordingStore;
    beforeEach(async () => {
      store = await make(['ch_contract', 'ch_other']);
    });

    test('the first note makes a recording, later ones tell more of it', async () => {
      expect(await store.get('ir_one')).toBeNull();
      expect(await store.note('ir_one', note(), at(0))).toBe(true);
      const later = {
        durationMs: 61_000,
        bytes: 5_000_000_000,
        samples: { video: 1830 },
        lostMs: 250,
        leftOut: ['AC-3'],
      };
      expect(await store.note('ir_one', note({ ...later, startedAtMs: 1 }), at(5_000))).toBe(true);
      expect(await store.get('ir_one')).toEqual({
        id: 'ir_one',
        channelId: 'ch_contract',
        state: 'recording',
        protocol: 'rtmp',
        encoder: 'OBS',
        startedAt: at(0),
        durationMs: 61_000,
        sizeBytes: 5_000_000_000,
        samples: { video: 1830 },
        lostMs: 250,
        leftOut: ['AC-3'],
        recovered: false,
        heardAt: at(5_000),
      });
    });

    test('nothing is noted of one that is closed, of another channel’s, and of a channel that is gone', async () => {
      await store.note('ir_one', note(), at(0));
      expect(await store.note('ir_one', note({ channelId: 'ch_other' }), at(1))).toBe(false);
      expect(await store.note('ir_two', note({ channelId: 'ch_gone' }), at(1))).toBe(false);
      expect(await store.get('ir_two')).toBeNull();
      await store.change('ir_one', 'recording', { state: 'processing' });
      expect(await store.note('ir_one', note({ durationMs: 9 }), at(2))).toBe(false);
      expect(await store.get('ir_one')).toMatchObject({ state: 'processing', durationMs: 0, heardAt: at(0) });
    });

    test('a change is made from the state that was thought of, by one alone', async () => {
      await store.note('ir_one', note(), at(0));
      const closing = () => store.change('ir_one', 'recording', { state: 'processing', recovered: true });
      expect((await Promise.all([closing(), closing()])).filter(Boolean)).toHaveLength(1);
      expect(await store.change('ir_one', 'recording', { state: 'failed' })).toBe(false);
      expect(await store.change('ir_one', 'processing', { state: 'ready', sizeBytes: 7, durationMs: 8 })).toBe(true);
      expect(await store.get('ir_one')).toMatchObject({ state: 'ready', sizeBytes: 7, durationMs: 8, recovered: true });
      expect(await store.change('ir_unknown', 'recording', { state: 'failed' })).toBe(false);
    });

    test('they are found by channel, newest first, and by state', async () => {
      await store.note('ir_old', note(), at(0));
      await store.note('ir_new', note({ startedAtMs: 1_700_000_009_000 }), at(0));
      await store.note('ir_other', note({ channelId: 'ch_other' }), at(0));
      await store.change('ir_old', 'recording', { state: 'ready' });
      const ids = async (which: Parameters<InputRecordingStore['find']>[0]) =>
        (await store.find(which)).map(({ id }) => id);
      expect(await ids({ channelId: 'ch_contract' })).toEqual(['ir_new', 'ir_old']);
      expect((await ids({ states: ['recording', 'processing'] })).sort()).toEqual(['ir_new', 'ir_other']);
      expect(await ids({ states: ['ready'] })).toEqual(['ir_old']);
    });

    test('what was removed is gone, and removing it again succeeds', async () => {
      await store.note('ir_one', note(), at(0));
      await store.remove('ir_one');
      await store.remove('ir_one');
      expect(await store.get('ir_one')).toBeNull();
    });
  });
}
