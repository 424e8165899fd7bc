import { EgressInfo } from '@livekit/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import type { EgressRegister } from './register.ts';

/** What every register must do. `pass` lets time go by for it. */
export function describeRegisterContract(
  name: string,
  make: () => { open(): EgressRegister; pass(ms: number): Promise<void> },
) {
  describe(`egress register: ${name}`, () => {
    const registers: EgressRegister[] = [];
    const id = `EG_register${Math.random().toString(36).slice(2)}`;
    const info = (roomName = 'r') => new EgressInfo({ egressId: id, roomName, startedAt: 5n });
    const mine = (orphans: EgressInfo[]) => orphans.filter(({ egressId }) => egressId === id);
    afterEach(async () => {
      for (const register of registers) {
        await register.drop(id);
        register.close();
      }
      registers.length = 0;
    });

    test('a held record is no orphan; one whose holder is silent goes to one sweeper only', async () => {
      const { open, pass } = make();
      const [a, b] = [open(), open()];
      registers.push(a, b);
      await a.hold(info(), 10_000);
      expect(mine(await b.takeOrphans())).toEqual([]);
      await a.hold(info('newest'), 1);
      await pass(30);
      const taken = [...mine(await a.takeOrphans()), ...mine(await b.takeOrphans())];
      expect(taken).toEqual([info('newest')]);
    });

    test('a dropped record is gone', async () => {
      const { open, pass } = make();
      const a = open();
      registers.push(a);
      await a.hold(info(), 1);
      await a.drop(id);
      await pass(30);
      expect(mine(await a.takeOrphans())).toEqual([]);
    });
  });
}
