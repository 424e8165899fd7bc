import { afterEach, describe, expect, test } from 'vitest';
import type { BusWire } from './bus-wire.ts';

/** What every wire must do; run on Redis (stack test) and on the memory twin. `make` gives wires of one and the same bus. */
export function describeBusWireContract(name: string, make: () => { plug: () => BusWire }): void {
  describe(`bus wire: ${name}`, () => {
    const open: BusWire[] = [];
    const bus = () => {
      const { plug } = make();
      return () => {
        const wire = plug();
        open.push(wire);
        return wire;
      };
    };
    const channel = () => `contract|${Math.random().toString(36).slice(2)}`;
    afterEach(async () => {
      for (const wire of open.splice(0)) await wire.close();
    });

    test('a message reaches every listener of its channel once, byte for byte, in order', async () => {
      const plug = bus();
      const [a, b, speaker] = [plug(), plug(), plug()];
      const name = channel();
      const heard: string[] = [];
      await a.subscribe(name, (bytes) => heard.push(`a${Buffer.from(bytes).toString('hex')}`));
      await a.subscribe(name, (bytes) => heard.push(`A${Buffer.from(bytes).toString('hex')}`));
      await b.subscribe(name, (bytes) => heard.push(`b${Buffer.from(bytes).toString('hex')}`));
      await speaker.publish(name, Uint8Array.of(0, 255, 13, 10));
      await speaker.publish(name, Uint8Array.of(1).subarray(0, 1));
      await expect.poll(() => heard.length).toBe(6);
      for (const who of ['a', 'A', 'b']) {
        expect(heard.filter((line) => line.startsWith(who))).toEqual([`${who}00ff0d0a`, `${who}01`]);
      }
    });

    test('a listener that left hears nothing more, its neighbours do', async () => {
      const plug = bus();
      const [a, speaker] = [plug(), plug()];
      const name = channel();
      const heard: string[] = [];
      const leave = await a.subscribe(name, () => heard.push('left'));
      await a.subscribe(name, () => heard.push('stays'));
      await leave();
      await leave();
      await speaker.publish(name, Uint8Array.of(1));
      await expect.poll(() => heard).toEqual(['stays']);
    });

    test('leaving and coming back at once still hears', async () => {
      const plug = bus();
      const [a, speaker] = [plug(), plug()];
      const name = channel();
      const heard: number[] = [];
      const leave = await a.subscribe(name, () => heard.push(1));
      await leave();
      await a.subscribe(name, () => heard.push(2));
      await speaker.publish(name, Uint8Array.of(1));
      await expect.poll(() => heard).toEqual([2]);
    });
  });
}
