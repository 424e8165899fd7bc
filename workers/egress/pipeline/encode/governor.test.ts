import { expect, test } from 'vitest';
import { type Change, Governor, type Measured } from './governor.ts';

/** A machine that gives so many ms of encoding a second; ticks are late by what does not fit. */
class Machine {
  readonly governor = new Governor();
  readonly rungs = [
    { id: '720p', height: 720, costMs: 300, on: true, failed: false },
    { id: '480p', height: 480, costMs: 150, on: true, failed: false },
    { id: '360p', height: 360, costMs: 90, on: true, failed: false },
  ];
  halfRate = false;
  changes: { atS: number; change: Change }[] = [];
  #s = 0;

  run(seconds: number, capacityMs: number | ((s: number) => number)): this {
    for (const end = this.#s + seconds; this.#s < end; this.#s++) {
      const capacity = typeof capacityMs === 'number' ? capacityMs : capacityMs(this.#s);
      const { wanted } = this;
      const measured: Measured = {
        lateShare: Math.max(0, 1 - capacity / wanted),
        busyShare: Math.min(1, wanted / capacity),
        idleCores: null,
        rungs: this.rungs,
        halfRate: this.halfRate,
      };
      const change = this.governor.decide(measured);
      if (!change) continue;
      this.changes.push({ atS: this.#s, change });
      if (change.what === 'half-rate') this.halfRate = change.on;
      else for (const rung of this.rungs) if (rung.id === change.id) rung.on = change.on;
    }
    return this;
  }

  /** What its work takes just now, ms a second. */
  get wanted(): number {
    return this.rungs.reduce((sum, { on, costMs }) => sum + (on ? costMs : 0), 60) / (this.halfRate ? 2 : 1);
  }

  get on(): string[] {
    return this.rungs.filter(({ on }) => on).map(({ id }) => id);
  }
}

test('a machine with room changes nothing', () => {
  expect(new Machine().run(600, 2000).changes).toEqual([]);
});

test('the first seconds, in which everything begins at once, take nothing away', () => {
  expect(new Machine().run(300, (s) => (s < 10 ? 200 : 2000)).changes).toEqual([]);
});

test('one bad second, a join or a collection of garbage, changes nothing', () => {
  expect(new Machine().run(300, (s) => (s % 20 === 0 ? 200 : 2000)).changes).toEqual([]);
});

test('short of CPU the middle rung goes first, then the smallest, then half the frame rate; the top rung stays', () => {
  const machine = new Machine().run(120, 200);
  expect(machine.changes.map(({ change }) => change)).toEqual([
    { what: 'rung', id: '480p', on: false },
    { what: 'rung', id: '360p', on: false },
    { what: 'half-rate', on: true },
  ]);
  expect(machine.changes[0]?.atS).toBeLessThan(15);
  expect(machine.on).toEqual(['720p']);
});

test('a largest rung that is a little short keeps its frame rate: some pictures less are better than half of them', () => {
  const machine = new Machine();
  for (const rung of machine.rungs.slice(1)) rung.on = false;
  for (const rung of machine.rungs.slice(1)) rung.failed = true;
  expect(machine.run(300, 290).changes).toEqual([]);
  expect(machine.run(60, 200).changes.map(({ change }) => change)).toEqual([{ what: 'half-rate', on: true }]);
});

test('no more is taken away than it needs', () => {
  expect(new Machine().run(300, 460).on).toEqual(['720p', '360p']);
});

test('everything comes back when there is room, one at a time and in the other order', () => {
  const machine = new Machine().run(60, 200);
  machine.changes = [];
  machine.run(300, 2000);
  expect(machine.changes.map(({ change }) => change)).toEqual([
    { what: 'half-rate', on: false },
    { what: 'rung', id: '360p', on: true },
    { what: 'rung', id: '480p', on: true },
  ]);
});

test('a late picture now and then keeps nothing away; one every second does', () => {
  const late = (every: number) => {
    const machine = new Machine().run(60, 200);
    return machine.run(200, (s) => (s % every === 0 ? (machine.wanted * 29) / 30 : 2000)).on;
  };
  expect(late(10)).toEqual(['720p', '480p', '360p']);
  expect(late(1)).toEqual(['720p']);
});

test('a machine that is short again each time a rung is back is left alone for longer and longer', () => {
  // Enough for two rungs, and for the third only as long as it is not there.
  const machine = new Machine();
  machine.run(3600, () => (machine.rungs[1]?.on ? 500 : 2000));
  expect(machine.changes.length).toBeLessThan(30);
  const restores = machine.changes.filter(({ change }) => change.what === 'rung' && change.on).map(({ atS }) => atS);
  const pauses = restores.slice(1).map((at, index) => at - (restores[index] ?? 0));
  expect(Math.min(...pauses.slice(-2))).toBeGreaterThan(500);
});

test('a rung whose encoder failed is not asked for again', () => {
  const machine = new Machine();
  for (const rung of machine.rungs) if (rung.id === '480p') Object.assign(rung, { on: false, failed: true });
  expect(machine.run(300, 2000).changes).toEqual([]);
});
