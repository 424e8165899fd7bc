import '../../workers/egress/pipeline/native.ts';
import { Program, Scene } from '../../app/_core/scene/scene.ts';
import { arrange } from '../../workers/egress/pipeline/compose/arrange.ts';
import { Composer } from '../../workers/egress/pipeline/compose/composer.ts';
import type { Person, RawPicture } from '../../workers/egress/pipeline/compose/inputs.ts';
import { logoUrl, personPicture, screenPicture } from '../e2e/layouts/people.ts';

/**
 * What composing a picture costs: CPU and elapsed milliseconds a frame, pictures of every source new each tick, and the growth of memory
 * over the run. Run: `node --import tsx infra/bench/compose.ts [frames] [--json]`.
 */
const args = process.argv.slice(2);
const FRAMES = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 600);
const HD = { width: 1280, height: 720 };

type Case = { name: string; people: Person[]; scene?: object; program?: object };

/** Four pictures in turn: none is the one of the tick before. */
function moving(index: number, width: number, height: number): Person {
  const pictures = Array.from({ length: 4 }, (_, turn) => personPicture(index * 4 + turn, width, height));
  return person(index, () => pictures[turn % 4] ?? null);
}

function person(index: number, picture: () => RawPicture | null): Person {
  const latest = () => {
    const now = picture();
    if (now) now.atMs = performance.now();
    return now;
  };
  return {
    identity: `host_${index}`,
    name: `Person ${index + 1}`,
    camera: true,
    screen: false,
    sound: true,
    cameraTap: { latest },
    screenTap: null,
    sounds: [{ write: () => {} }],
  };
}

let turn = 0;
const many = (count: number, width: number, height: number) =>
  Array.from({ length: count }, (_, index) => moving(index, width, height));
const still = personPicture(0, HD.width, HD.height);
const desktop = screenPicture(1920, 1080);
const logo = { id: 'logo', kind: 'logo', url: logoUrl() };
const ticker = {
  id: 'ticker',
  kind: 'ticker',
  text: 'Doors at seven · The second hall opens after the break · Questions in the chat',
};
const third = { id: 'third', kind: 'lower-third', title: 'Ada Lovelace', subtitle: 'Analyst of the Engine, London' };

const cases: Case[] = [
  { name: 'slate, nothing moves', people: [] },
  { name: '1 × 720p, of the program’s size', people: many(1, 1280, 720) },
  { name: '1 × 720p, the same picture again', people: [person(0, () => still)] },
  { name: '1 × 1080p scaled down', people: many(1, 1920, 1080) },
  { name: '1 × 360p scaled up', people: many(1, 640, 360) },
  { name: '4 × 720p, grid with names', people: many(4, 1280, 720) },
  { name: '4 × 360p, grid with names', people: many(4, 640, 360) },
  { name: '4 × 360p, grid, logo and ticker', people: many(4, 640, 360), scene: { overlays: [logo, ticker] } },
  {
    name: '4 × 720p, grid, logo, ticker, lower third',
    people: many(4, 1280, 720),
    scene: { overlays: [logo, ticker, third] },
  },
  { name: '9 × 360p, grid with names', people: many(9, 640, 360) },
  {
    name: '1080p screen that stands still, camera inset',
    people: [{ ...moving(0, 640, 360), screen: true, screenTap: { latest: () => desktop } }],
    scene: { layout: 'screen' },
  },
  { name: '1080p program, 4 × 720p', people: many(4, 1280, 720), program: { width: 1920, height: 1080 } },
];

async function run({ name, people, scene = {}, program: size = {} }: Case) {
  const program = Program.parse({ ...HD, ...size });
  const composer = new Composer({ program, isAllowed: () => false, onTrouble: console.error });
  const metadata = { v: 1 as const, program, scene: Scene.parse(scene) };
  const view = { version: 1, people, activeSpeaker: null, metadata };
  const frame = async (tick: number) => {
    turn = tick;
    const wish = { direction: { kind: 'scene' } as const, override: null, program, focus: null };
    const arranged = arrange({ view, ...wish, nowMs: performance.now(), wallMs: Date.now() });
    (await composer.compose(arranged, { tick, wallMs: Date.now() })).release();
  };
  for (let tick = 0; tick < 40; tick++) await frame(tick);
  await composer.picturesSettled();
  for (let tick = 40; tick < 80; tick++) await frame(tick);
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const rss = process.memoryUsage.rss();
  for (let tick = 80; tick < 80 + FRAMES; tick++) await frame(tick);
  const { user, system } = process.cpuUsage(cpu);
  const elapsedMs = (performance.now() - startMs) / FRAMES;
  const cpuMs = (user + system) / 1000 / FRAMES;
  composer.close();
  const grownMb = (process.memoryUsage.rss() - rss) / 1024 / 1024;
  return {
    name,
    cpuMs: round(cpuMs),
    elapsedMs: round(elapsedMs),
    coreAt30: round((cpuMs * 30) / 1000),
    grownMb: Math.round(grownMb),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

const results = [];
for (const one of cases) results.push(await run(one));
if (args.includes('--json')) console.log(JSON.stringify(results, null, 2));
else console.table(results);
process.exit(0);
