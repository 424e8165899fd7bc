import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { againAfter } from './again.ts';
import { type ObjectUpload, PartSink, partBytesFor } from './part-sink.ts';
import { join } from './write-boxes.ts';

/** A store that keeps what it is given, and may fail. */
function makeStore(fails: (what: string) => boolean = () => false) {
  const store = {
    object: null as Uint8Array | null,
    parts: new Map<number, Uint8Array>(),
    begun: 0,
    aborted: 0,
    held: 0,
    mostHeld: 0,
    put: async (bytes: Uint8Array) => {
      if (fails('put')) throw new Error('away');
      store.object = bytes.slice();
    },
    begin: async (): Promise<ObjectUpload> => {
      if (fails('begin')) throw new Error('away');
      store.begun++;
      return {
        async part(number, bytes) {
          store.mostHeld = Math.max(store.mostHeld, ++store.held);
          await new Promise((resolve) => setImmediate(resolve));
          store.held--;
          if (fails('part')) throw new Error('away');
          store.parts.set(number, bytes.slice());
        },
        async complete() {
          if (fails('complete')) throw new Error('away');
          store.object = join([...store.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
        },
        async abort() {
          store.aborted++;
        },
      };
    },
  };
  return store;
}

const bytesOf = (count: number, seed: number) => Uint8Array.from({ length: count }, (_, i) => (i * 7 + seed) & 255);

describe('a movie in parts', () => {
  test('is head and media, whatever their lengths, in parts of one length but the last', async () => {
    const lengths = {
      room: fc.integer({ min: 1, max: 200 }),
      writes: fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 20 }),
    };
    await fc.assert(
      fc.asyncProperty(lengths.room, lengths.writes, async (room, writes) => {
        const store = makeStore();
        const sink = new PartSink(store, room, { partBytes: 32 });
        const media = writes.map((length, i) => bytesOf(length, i));
        for (const bytes of media) await sink.write(bytes);
        const head = bytesOf(room, 99);
        await sink.finish(head);
        expect(store.object).toEqual(join([head, ...media]));
        const sent = [...store.parts].sort(([a], [b]) => a - b);
        expect(sent.every(([number], i) => number === i + 1)).toBe(true);
        for (const [, bytes] of sent.slice(0, -1)) expect(bytes.length).toBe(32);
        expect(store.mostHeld).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('small enough for one part is put in one piece', async () => {
    const store = makeStore();
    const sink = new PartSink(store, 10, { partBytes: 1000 });
    await sink.write(bytesOf(100, 1));
    await sink.finish(bytesOf(10, 2));
    expect([store.begun, store.object?.length]).toEqual([0, 110]);
  });

  test('rides out a store that is away for a moment', async () => {
    const left = new Map([
      ['begin', 2],
      ['part', 3],
      ['complete', 1],
    ]);
    const store = makeStore((what) => {
      const more = left.get(what) ?? 0;
      left.set(what, more - 1);
      return more > 0;
    });
    const sink = new PartSink(store, 10, { partBytes: 32, again: againAfter([1, 1, 1], sleep) });
    for (let i = 0; i < 10; i++) await sink.write(bytesOf(50, i));
    await sink.finish(bytesOf(10, 77));
    expect(store.object?.length).toBe(510);
  });

  test('fails when the store stays away, and leaves no parts behind', async () => {
    let away = false;
    const store = makeStore(() => away);
    const sink = new PartSink(store, 10, { partBytes: 32, again: againAfter([1], sleep) });
    const work = async () => {
      for (let i = 0; i < 1000; i++) {
        away = i > 10;
        await sink.write(bytesOf(50, i));
      }
    };
    await expect(work()).rejects.toThrow('away');
    await sink.abort();
    expect([store.object, store.aborted]).toEqual([null, 1]);
  });

  test('gets longer parts when 10,000 of them would not do', () => {
    const MIB = 1024 * 1024;
    expect(partBytesFor(10_000 * MIB)).toBe(8 * MIB);
    const day = 24 * 3600 * 1_000_000;
    expect(partBytesFor(day) * 10_000).toBeGreaterThan(day);
  });
});
