import { setTimeout as wait } from 'node:timers/promises';
import { egressHealthUrl } from '../bench/lib/direct-egress.ts';
import { api } from '../bench/lib/install.ts';
import type { RoomPerson } from '../bench/lib/room-person.ts';
import type { Fault } from './inject.ts';
import { join } from './people.ts';
import { pipelineOf, residentMb } from './processes.ts';
import type { Show } from './show.ts';

/** An hour of a lively show: somebody joins or leaves each minute, the layout changes each two, a destination each five. */
const HOUR = { joins: 60, layouts: 30, destinations: 12 };
const STEP_MS = 3500;
/** What comes first is libraries, pools and caches filling up. */
const WARM_UP_SHARE = 0.3;
/** Growth of the media process over what is left of the hour, MB. */
const GROWTH_MB = 40;
const LAYOUTS = ['grid', 'speaker', 'single'] as const;

/** Slope of a straight line through the points (least squares), in y per x. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

type Destination = { id: string };

/** One step of the hour: people come and go, now and then the layout and a destination change. */
async function stir(show: Show, step: number, people: RoomPerson[], destinations: Destination[]): Promise<void> {
  if (people.length < 2 || (people.length < 4 && step % 2 === 0)) people.push(await join(show, `guest${step}`));
  else await people.shift()?.leave();
  if (step % (HOUR.joins / HOUR.layouts) === 0) {
    const layout = LAYOUTS[(step / 2) % LAYOUTS.length];
    await api(show.install, 'PUT', `/broadcasts/${show.broadcast.id}/scene`, { layout });
  }
  if (step % (HOUR.joins / HOUR.destinations) === 0) {
    const path = `/channels/${show.handle}/destinations`;
    const gone = destinations.shift();
    if (gone) await api(show.install, 'DELETE', `${path}/${gone.id}`);
    const url = `rtmp://127.0.0.1:9/live`;
    const made = { name: `D${step}`, kind: 'custom', url, streamKey: `soak${step}secretkey`, enabled: true };
    destinations.push(await api<Destination>(show.install, 'POST', path, made));
  }
}

/** Memory of the media process stays flat over an hour's joins, leaves and changes, packed into some minutes. */
export const SOAK: Fault = {
  name: 'soak',
  row: 'R-10',
  expected: `an hour's joins and leaves (${HOUR.joins}), layouts (${HOUR.layouts}) and destinations (${HOUR.destinations}) in ${Math.round((HOUR.joins * STEP_MS) / 60_000)} min: the media process grows by under ${GROWTH_MB} MB after its warm-up`,
  limits: { longestGapMs: 1500, discontinuities: 0, lostS: 0 },
  long: true,
  async inject(show, mark) {
    const child = await pipelineOf(egressHealthUrl(show.install));
    const people: RoomPerson[] = [];
    const destinations: Destination[] = [];
    const samples: [step: number, mb: number][] = [];
    mark();
    try {
      for (let step = 0; step < HOUR.joins; step++) {
        const begun = Date.now();
        await stir(show, step, people, destinations);
        await wait(Math.max(0, STEP_MS - (Date.now() - begun)));
        samples.push([step, residentMb(child)]);
      }
    } finally {
      for (const person of people) await person.leave();
    }
    if (samples.some(([, mb]) => Number.isNaN(mb))) throw new Error('the media process was replaced');
    const settled = samples.slice(Math.round(samples.length * WARM_UP_SHARE));
    const grownMb = slopeOf(settled) * settled.length;
    const [first, last] = [samples[0]?.[1] ?? 0, samples.at(-1)?.[1] ?? 0];
    const series = samples.filter((_, at) => at % 6 === 0).map(([, mb]) => mb.toFixed(0));
    const facts = `resident ${first.toFixed(0)} MB at first, ${last.toFixed(0)} at last, slope ${grownMb.toFixed(1)} MB over the settled part (${series.join(' ')})`;
    if (grownMb > GROWTH_MB) throw new Error(`the media process grows: ${facts}`);
    return [facts];
  },
};
