import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { EgressInspection } from '../../workers/egress/service/inspect/inspection.ts';
import { egressHealthUrl } from '../bench/lib/direct-egress.ts';
import { eventually } from '../bench/lib/install.ts';
import type { RoomPerson } from '../bench/lib/room-person.ts';
import type { Fault } from './inject.ts';
import { join } from './people.ts';
import type { Show } from './show.ts';

const RUNGS = ['720p', '480p', '360p'] as const;
/** What is missed least goes first, and the largest never. */
const ORDER = ['480p', '360p'] as const;
const BURN_S = 60;
const RECOVERY_S = 200;
/** More of them join every so often until the engine gives something up: machines differ. */
const MORE_EVERY_S = 6;
/** Late ticks at the end, when there is room again. */
const CALM_LATE = 0.02;

type Sample = { atS: number; rungs: string[]; halfRate: boolean; ticks: number; lateTicks: number };

/** Processes that compute for nothing, each until the same moment, whoever lives to stop them. */
class Burners {
  readonly #untilMs = Date.now() + BURN_S * 1000;
  readonly #running: ChildProcess[] = [];

  add(count: number): void {
    const program = `while (Date.now() < ${this.#untilMs});`;
    for (let n = 0; n < count; n++) {
      this.#running.push(spawn(process.execPath, ['-e', program], { stdio: 'ignore' }));
    }
  }

  get count(): number {
    return this.#running.length;
  }

  async over(): Promise<void> {
    await Promise.all(this.#running.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  }

  async stop(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    await this.over();
  }
}

/** What a player is offered, and what the worker says of the engine. */
async function look(show: Show, egressId: string, beganMs: number): Promise<Sample | null> {
  const ask = async (url: string) => fetch(url, { signal: AbortSignal.timeout(5000) });
  try {
    const master = await (await ask(show.broadcast.playback.hls)).text();
    const told = (await (
      await ask(`${egressHealthUrl(show.install)}/inspect/${egressId}.json`)
    ).json()) as EgressInspection;
    const rungs = [...master.matchAll(/^(\d+p)\/media\.m3u8$/gm)].map(([, id]) => id ?? '');
    const halfRate = told.facts?.notes.some((note) => note.includes('every second picture')) ?? false;
    return { atS: (Date.now() - beganMs) / 1000, rungs, halfRate, ticks: told.ticks, lateTicks: told.lateTicks };
  } catch {
    return null; // starved like everything else: the next look tells
  }
}

const lateShare = (from: Sample | undefined, to: Sample | undefined): number => {
  const late = (to?.lateTicks ?? 0) - (from?.lateTicks ?? 0);
  const all = (to?.ticks ?? 0) - (from?.ticks ?? 0) + late;
  return all > 0 ? late / all : 0;
};
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** Each change of what is offered, in words. */
function changesOf(samples: readonly Sample[]): { atS: number; id: string; on: boolean }[] {
  return samples.flatMap((now, at) => {
    const before = samples[at - 1];
    if (!before) return [];
    const off = before.rungs.filter((id) => !now.rungs.includes(id)).map((id) => ({ atS: now.atS, id, on: false }));
    return [
      ...off,
      ...now.rungs.filter((id) => !before.rungs.includes(id)).map((id) => ({ atS: now.atS, id, on: true })),
    ];
  });
}

function judge(samples: readonly Sample[]): void {
  if (samples.some(({ rungs }) => !rungs.includes('720p')))
    throw new Error('the largest rung was not offered for a while');
  const changes = changesOf(samples);
  const off = changes.filter(({ on }) => !on).map(({ id }) => id);
  if (off.length === 0) throw new Error('no rung was dropped');
  const wrong = off.slice(0, ORDER.length).find((id, at) => id !== ORDER[at]);
  if (wrong) throw new Error(`the rungs were dropped in the order ${off.join(', ')}`);
}

/** The machine is short of CPU: the engine gives up rungs, the largest never, and takes them back when there is room again. */
export const CPU_SHORT: Fault = {
  name: 'cpu-short',
  row: 'R-9',
  expected: `other processes take the CPU for ${BURN_S} s, four sources, three rungs: 480p goes first, then 360p, 720p never; players are not offered what is dropped; all is back within ${RECOVERY_S} s`,
  limits: { longestGapMs: 4000, discontinuities: 0, lostS: 3 },
  rungs: RUNGS,
  long: true,
  async inject(show, mark) {
    const [egress] = await show.egresses();
    const egressId = egress?.id ?? '';
    const people: RoomPerson[] = [];
    const burners = new Burners();
    const samples: Sample[] = [];
    try {
      for (const name of ['bo', 'cy', 'di']) people.push(await join(show, name));
      await eventually(
        'there is room for all three rungs before the fault',
        async () => (await look(show, egressId, Date.now()))?.rungs.length === 3,
      );
      mark();
      const beganMs = Date.now();
      const sample = async () => {
        const one = await look(show, egressId, beganMs);
        if (one) samples.push(one);
        await wait(500);
        return one;
      };
      await sample();
      burners.add(cpus().length * 2);
      let addedMs = beganMs;
      while (Date.now() - beganMs < BURN_S * 1000) {
        const one = await sample();
        const whole = one?.rungs.length === 3;
        if (!whole || Date.now() - addedMs < MORE_EVERY_S * 1000 || burners.count >= cpus().length * 10) continue;
        burners.add(cpus().length * 2);
        addedMs = Date.now();
      }
      await burners.over();
      const burnt = samples.at(-1);
      const { count } = burners;
      await eventually('all rungs are back', async () => (await sample())?.rungs.length === 3, RECOVERY_S * 1000);
      judge(samples);
      const inBurn = samples.filter(({ atS }) => atS <= BURN_S);
      const third = (share: number) => inBurn[Math.floor((inBurn.length - 1) * share)];
      const told = changesOf(samples).map(({ atS, id, on }) => `${id} ${on ? 'back' : 'off'} at ${atS.toFixed(0)} s`);
      const calm = lateShare(samples.at(-8), samples.at(-1));
      if (calm > CALM_LATE) throw new Error(`${percent(calm)} of the ticks are late although there is room again`);
      return [
        `${count} burners on ${cpus().length} cores`,
        ...told,
        `half the pictures ${inBurn.some(({ halfRate }) => halfRate) ? 'for a while' : 'never'}`,
        `late ticks ${percent(lateShare(samples[0], third(1 / 3)))}, ${percent(lateShare(third(1 / 3), third(2 / 3)))}, ${percent(lateShare(third(2 / 3), burnt))} in the thirds of the shortage, ${percent(calm)} at the end`,
      ];
    } finally {
      await burners.stop();
      await Promise.all(people.map((person) => person.leave()));
    }
  },
};
