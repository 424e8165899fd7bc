import { beforeEach, describe, expect, test } from 'vitest';
import { Program, Scene } from '#core/scene/scene';
import type { BroadcastRecord, BroadcastStore } from './broadcast-store.ts';

/** A record as `create-broadcast` makes one. @param id unique in the store under test */
export function sampleBroadcast(id: string, patch: Partial<BroadcastRecord> = {}): BroadcastRecord {
  return {
    id,
    channelId: 'ch_contract',
    title: 'A title',
    description: '',
    visibility: 'public',
    state: 'backstage',
    endReason: null,
    playbackId: `pb_${id}`,
    latency: 'low',
    autoStart: false,
    openOnSlate: false,
    scene: Scene.parse({}),
    program: Program.parse({}),
    grantEpoch: 0,
    passwordHash: null,
    startsAt: null,
    startRequestedAt: null,
    startedAt: null,
    interruptedAt: null,
    endedAt: null,
    egressId: null,
    egressAttempts: 0,
    egressRetryAt: null,
    problem: null,
    peakAudience: 0,
    hasRecording: false,
    version: 1,
    createdAt: new Date('2026-01-01T00:00:00Z'),
    ...patch,
  };
}

/** What every store of broadcasts must do. `make` gives an empty one in which the channels exist. */
export function describeBroadcastStoreContract(make: (channelIds: string[]) => Promise<BroadcastStore>): void {
  describe('a store of broadcasts', () => {
    let store: BroadcastStore;
    beforeEach(async () => {
      store = await make(['ch_contract', 'ch_other']);
    });

    test('gives back what was added, with its scene', async () => {
      const one = sampleBroadcast('br_a', { scene: Scene.parse({ layout: 'speaker', version: 3 }) });
      await store.add(one);
      expect(await store.get('br_a')).toEqual(one);
      expect(await store.get('br_none')).toBeNull();
    });

    test('an update needs the version and the state it was decided on', async () => {
      await store.add(sampleBroadcast('br_a'));
      const first = await store.update('br_a', { version: 1, from: ['backstage'] }, { title: 'New', state: 'live' });
      expect(first).toMatchObject({ title: 'New', state: 'live', version: 2 });
      expect(await store.update('br_a', { version: 1, from: ['live'] }, { title: 'Late' })).toBeNull();
      expect(await store.update('br_a', { version: 2, from: ['backstage'] }, { title: 'Wrong state' })).toBeNull();
      expect(await store.get('br_a')).toMatchObject({ title: 'New', version: 2 });
      const locked = { visibility: 'password', passwordHash: 'a hash', grantEpoch: 1 } as const;
      expect(await store.update('br_a', { version: 2, from: ['live'] }, locked)).toMatchObject(locked);
      expect(await store.update('br_a', { version: 3, from: ['live'] }, { passwordHash: null })).toMatchObject({
        passwordHash: null,
      });
    });

    test('of many writers at once exactly one wins', async () => {
      await store.add(sampleBroadcast('br_a'));
      const tries = Array.from({ length: 12 }, (_, at) =>
        store.update('br_a', { version: 1, from: ['backstage'] }, { title: `writer ${at}` }),
      );
      const won = (await Promise.all(tries)).filter((one) => one !== null);
      expect(won.length).toBe(1);
    });

    test('a channel airs one at a time; another channel is free to', async () => {
      const at = new Date('2026-01-02T00:00:00Z');
      await store.add(sampleBroadcast('br_a', { startRequestedAt: at }));
      await store.add(sampleBroadcast('br_b'));
      await store.add(sampleBroadcast('br_c', { channelId: 'ch_other' }));
      const start = (id: string) => store.update(id, { version: 1, from: ['backstage'] }, { startRequestedAt: at });
      await expect(start('br_b')).rejects.toMatchObject({ code: 'conflict' });
      expect(await start('br_c')).not.toBeNull();
      await store.update('br_a', { version: 1, from: ['backstage'] }, { state: 'ended' });
      expect(await start('br_b')).not.toBeNull();
    });

    test('finds by channel, state, wish and visibility, in the order asked for', async () => {
      const day = (n: number) => new Date(Date.UTC(2026, 0, n));
      await store.add(sampleBroadcast('br_a', { createdAt: day(1), state: 'scheduled', startsAt: day(20) }));
      await store.add(sampleBroadcast('br_b', { createdAt: day(2), state: 'scheduled', startsAt: day(10) }));
      await store.add(sampleBroadcast('br_c', { createdAt: day(3), visibility: 'members' }));
      await store.add(sampleBroadcast('br_d', { createdAt: day(4), state: 'ended', endedAt: day(5) }));
      const ids = async (query: Parameters<BroadcastStore['find']>[0]) =>
        (await store.find(query)).map((one) => one.id);
      expect(await ids({ channelId: 'ch_contract', limit: 10 })).toEqual(['br_d', 'br_c', 'br_b', 'br_a']);
      expect(await ids({ channelId: 'ch_contract', limit: 2 })).toEqual(['br_d', 'br_c']);
      expect(await ids({ channelId: 'ch_contract', states: ['scheduled'], order: 'soonest', limit: 10 })).toEqual([
        'br_b',
        'br_a',
      ]);
      expect(await ids({ channelId: 'ch_contract', publicOnly: true, states: ['backstage'], limit: 10 })).toEqual([]);
      expect(await ids({ channelId: 'ch_contract', states: ['ended'], endedAfter: day(4), limit: 10 })).toEqual([
        'br_d',
      ]);
      expect(await ids({ channelId: 'ch_contract', states: ['ended'], endedAfter: day(6), limit: 10 })).toEqual([]);
      expect(await ids({ channelId: 'ch_contract', startRequested: true, limit: 10 })).toEqual([]);
    });
  });
}
