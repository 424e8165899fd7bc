import { EgressInfo } from '@livekit/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { type EgressRegister, HOLD_MS, HOPE_MS } from './register.ts';

/** What every register must do. `pass` lets time go by for it. */
export function describeRegisterContract(
  name: string,
  make: () => { open(workerId: string): EgressRegister; pass(ms: number): Promise<void> },
) {
  describe(`egress register: ${name}`, () => {
    const id = `EG_register${Math.random().toString(36).slice(2)}`;
    const egress = (roomName = 'r', estate = 'sealed') => ({
      info: new EgressInfo({ egressId: id, roomName, startedAt: 5n }),
      estate: Buffer.from(estate),
    });
    const registers: EgressRegister[] = [];
    const open = (made: ReturnType<typeof make>, ...workers: string[]) => {
      const doors = workers.map((worker) => made.open(worker));
      registers.push(...doors);
      return doors as [EgressRegister, EgressRegister];
    };
    const mine = async (register: EgressRegister) => (await register.list()).find(({ info }) => info.egressId === id);
    afterEach(async () => {
      for (const register of registers) {
        await register.drop(id);
        register.close();
      }
      registers.length = 0;
    });

    test('a held egress is one worker’s: another can neither hold, drop nor claim it from nobody', async () => {
      const [a, b] = open(make(), 'a', 'b');
      expect(await a.hold(egress())).toBe('made');
      expect(await b.hold(egress('stolen'))).toBe('refused');
      expect(await b.claim(id, null)).toBe(false);
      await b.drop(id);
      expect(await a.hold(egress('newest', 'again'))).toBe('kept');
      expect(await mine(b)).toEqual({ ...egress('newest', 'again'), holder: 'a', hoped: true });
      await a.drop(id);
    });

    test('of two workers that claim from one that is known to be dead, one gets it, and the dead one has lost it', async () => {
      const made = make();
      const [a, b] = open(made, 'a', 'b');
      const [dead] = open(made, 'dead');
      await dead.hold(egress());
      const claims = await Promise.all([a.claim(id, 'dead'), b.claim(id, 'dead')]);
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await dead.hold(egress())).toBe('refused');
      await (claims[0] ? a : b).drop(id);
      expect(await mine(a)).toBeUndefined();
      expect(await a.claim(id, null)).toBe(false);
    });

    test('a hold runs out, and later the hope', { timeout: HOPE_MS + 10_000 }, async () => {
      const made = make();
      const [a, b] = open(made, 'a', 'b');
      await a.hold(egress());
      await made.pass(HOLD_MS + 50);
      expect(await mine(b)).toMatchObject({ holder: null, hoped: true });
      await made.pass(HOPE_MS - HOLD_MS);
      expect(await mine(b)).toMatchObject({ holder: null, hoped: false });
      expect(await b.claim(id, null)).toBe(true);
    });
  });
}
