import '../../workers/egress/pipeline/native.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { AV_PIX_FMT_RGBA, AV_PIX_FMT_YUV420P, Frame, SoftwareScaleContext, SWS_AREA } from 'node-av';
import { Program, Scene } from '../../app/_core/scene/scene.ts';
import { arrange } from '../../workers/egress/pipeline/compose/arrange.ts';
import { Composer } from '../../workers/egress/pipeline/compose/composer.ts';
import { font, loadFonts } from '../../workers/egress/pipeline/compose/draw/text.ts';
import type { Person, RawPicture } from '../../workers/egress/pipeline/compose/inputs.ts';
import { backgroundUrl, logoUrl, personPicture, screenPicture } from './layouts/people.ts';

/**
 * Draws every layout and overlay with the real compositor and puts them on contact sheets: docs/pictures/layouts.jpg (16:9) and
 * layouts-portrait.jpg (9:16 and 1:1). Run: `node --import tsx infra/e2e/layouts.ts [folder]`; with `--each`, every picture too.
 */
const NAMES = [
  'Ada Lovelace',
  'Bo Lindqvist',
  'Chiamaka Obi',
  'Dmitri Волков',
  'Ewa Żółć',
  'Fatima',
  'Giorgos Παππάς',
  'Hana',
  'Ines',
];
const AT = Date.parse('2026-05-01T18:00:00Z');
const LOGO = logoUrl();
const BACKGROUND = backgroundUrl();

type Shot = { title: string; scene: object; people: Person[] };

const faces = NAMES.map((_, index) => personPicture(index, 640, 360));
const upright = personPicture(4, 360, 640);
const desktop = screenPicture(1280, 720);

function person(index: number, facts: Partial<Person> & { camera?: boolean; picture?: RawPicture } = {}): Person {
  const { picture = faces[index] ?? null, ...rest } = facts;
  const latest = () => (picture ? { ...picture, atMs: performance.now() } : null);
  return {
    identity: `host_${index}`,
    name: NAMES[index] ?? '',
    camera: true,
    screen: false,
    sound: true,
    cameraTap: rest.camera === false ? null : { latest },
    screenTap: null,
    sounds: [{ write: () => {} }],
    ...rest,
  };
}

const crowd = (count: number) => Array.from({ length: count }, (_, index) => person(index));
const sharing = (index: number) => person(index, { screen: true, screenTap: { latest: () => desktop } });
const silent = (index: number) => person(index, { sounds: [] });
const unseen = (index: number, sounds: Person['sounds'] = []) => person(index, { camera: false, sounds });

const logo = { id: 'logo', kind: 'logo', url: LOGO };
const third = { id: 'third', kind: 'lower-third', title: 'Ada Lovelace', subtitle: 'Analyst of the Engine, London' };
const ticker = {
  id: 'ticker',
  kind: 'ticker',
  text: 'Doors at seven · The second hall opens after the break · Questions in the chat, we answer them at the end',
};
const message = {
  id: 'message',
  kind: 'message',
  author: 'noor_k',
  text: 'What would you build first if you began again today, with what you know now?',
};
const banner = {
  id: 'banner',
  kind: 'banner',
  tag: 'Update',
  title: 'The bridge opens again on Monday',
  subtitle: 'First trains from six in the morning',
};
const countdown = { id: 'clock', kind: 'countdown', to: '2026-05-01T18:04:59Z', label: 'Next talk in' };
const note = { id: 'note', kind: 'text', text: 'Rehearsal', anchor: 'top', size: 0.04 };

const SHOTS: Shot[] = [
  { title: 'single', scene: { layout: 'single' }, people: crowd(1) },
  { title: 'grid, 2', scene: {}, people: crowd(2) },
  { title: 'grid, 3, one muted', scene: {}, people: [person(0), silent(1), person(2)] },
  { title: 'grid, 4, one without a picture', scene: {}, people: [person(0), person(1), unseen(2), person(3)] },
  { title: 'grid, 5', scene: {}, people: crowd(5) },
  { title: 'grid, 9', scene: {}, people: crowd(9) },
  {
    title: 'grid, margins, upright guest',
    scene: { margins: { pictures: 0.05 } },
    people: [person(0), person(4, { picture: upright })],
  },
  { title: 'speaker', scene: { layout: 'speaker' }, people: crowd(5) },
  { title: 'side by side', scene: { layout: 'side-by-side' }, people: crowd(2) },
  { title: 'screen with cameras', scene: { layout: 'screen' }, people: [sharing(0), person(1)] },
  { title: 'picture in picture', scene: { layout: 'pip' }, people: crowd(2) },
  { title: 'news, one', scene: { layout: 'news', overlays: [banner, logo] }, people: crowd(1) },
  { title: 'news, two, ticker', scene: { layout: 'news', overlays: [ticker] }, people: crowd(2) },
  {
    title: 'portrait in 16:9, background',
    scene: { layout: 'portrait', background: { image: BACKGROUND } },
    people: crowd(2),
  },
  {
    title: 'background, no names',
    scene: { labels: false, margins: { pictures: 0.06 }, background: { image: BACKGROUND } },
    people: crowd(4),
  },
  { title: 'lower third, logo', scene: { layout: 'single', overlays: [third, logo] }, people: crowd(1) },
  {
    title: 'ticker, message, countdown',
    scene: { layout: 'single', overlays: [ticker, message, countdown, logo] },
    people: crowd(1),
  },
  { title: 'overlays over a grid', scene: { overlays: [third, ticker, note] }, people: crowd(4) },
  { title: 'only voices', scene: {}, people: [unseen(0, [{ write: () => {} }]), unseen(1)] },
  {
    title: 'slate: soon',
    scene: {
      slate: { kind: 'soon', title: 'Night market: five cooks, one hour', countdownTo: '2026-05-01T18:12:34Z' },
      overlays: [logo],
    },
    people: [],
  },
  {
    title: 'slate: back, background',
    scene: { slate: { kind: 'back', title: 'Night market' }, background: { image: BACKGROUND }, overlays: [ticker] },
    people: [],
  },
  { title: 'slate: ended', scene: { slate: { kind: 'ended' } }, people: [] },
];

const UPRIGHT: Shot[] = [
  { title: 'portrait, 1', scene: { layout: 'portrait', overlays: [third, logo] }, people: crowd(1) },
  { title: 'portrait, 2', scene: { layout: 'portrait' }, people: crowd(2) },
  { title: 'portrait, 3', scene: { layout: 'portrait', overlays: [ticker] }, people: crowd(3) },
  { title: 'portrait, screen', scene: { layout: 'portrait' }, people: [sharing(0), person(1)] },
  { title: 'grid, 4', scene: {}, people: crowd(4) },
  { title: 'grid, 6', scene: { overlays: [message] }, people: crowd(6) },
  { title: 'speaker', scene: { layout: 'speaker' }, people: crowd(4) },
  { title: 'pip', scene: { layout: 'pip' }, people: [person(4, { picture: upright }), person(1)] },
  { title: 'news', scene: { layout: 'news', overlays: [banner] }, people: crowd(2) },
  {
    title: 'slate',
    scene: { slate: { title: 'Night market: five cooks, one hour', countdownTo: '2026-05-01T19:12:34Z' } },
    people: [],
  },
];

async function draw(
  shot: Shot,
  size: { width: number; height: number },
): Promise<{ title: string; frame: Frame; close(): void }> {
  const program = Program.parse(size);
  const trouble = (error: unknown) => console.error(shot.title, error);
  const composer = new Composer({ program, isAllowed: () => false, onTrouble: trouble });
  const metadata = { v: 1 as const, program, scene: Scene.parse(shot.scene) };
  const view = { version: 1, people: shot.people, activeSpeaker: null, metadata };
  const arranged = () =>
    arrange({
      view,
      direction: { kind: 'scene' },
      override: null,
      program,
      focus: null,
      nowMs: performance.now(),
      wallMs: AT,
    });
  await composer.open(arranged(), { tick: 0, wallMs: AT });
  await composer.picturesSettled();
  let drawn = await composer.compose(arranged(), { tick: 40, wallMs: AT });
  // What did not fit into one tick's time for drawing is there in the next ones.
  for (let tick = 41; tick < 50; tick++) {
    drawn.release();
    drawn = await composer.compose(arranged(), { tick, wallMs: AT });
  }
  return { title: shot.title, frame: drawn.frame, close: () => composer.close() };
}

/** The frame in RGBA, smaller, as a canvas. */
async function toCanvas(frame: Frame, width: number, height: number) {
  const context = new SoftwareScaleContext();
  context.getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P, width, height, AV_PIX_FMT_RGBA, SWS_AREA);
  const out = new Frame();
  out.alloc();
  out.width = width;
  out.height = height;
  out.format = AV_PIX_FMT_RGBA;
  await context.scaleFrame(out, frame);
  const canvas = createCanvas(width, height);
  const pen = canvas.getContext('2d');
  const image = pen.createImageData(width, height);
  const stride = out.linesize[0] ?? width * 4;
  const bytes = out.data?.[0];
  for (let row = 0; bytes && row < height; row++) {
    image.data.set(bytes.subarray(row * stride, row * stride + width * 4), row * width * 4);
  }
  pen.putImageData(image, 0, 0);
  out.free();
  context.freeContext();
  return canvas;
}

type Sheet = {
  name: string;
  columns: number;
  program: { width: number; height: number };
  tile: { width: number; height: number };
  shots: Shot[];
};

async function sheet(folder: string, { name, columns, program, tile, shots }: Sheet, each: boolean): Promise<void> {
  const [gap, caption] = [12, 26];
  const rows = Math.ceil(shots.length / columns);
  const canvas = createCanvas(columns * (tile.width + gap) + gap, rows * (tile.height + gap + caption) + gap);
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#2a2e33';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  for (const [index, shot] of shots.entries()) {
    const drawn = await draw(shot, program);
    const at = {
      x: gap + (index % columns) * (tile.width + gap),
      y: gap + Math.floor(index / columns) * (tile.height + gap + caption),
    };
    pen.drawImage(await toCanvas(drawn.frame, tile.width, tile.height), at.x, at.y);
    label(pen, shot.title, at.x, at.y + tile.height + 19);
    if (each) {
      const full = await toCanvas(drawn.frame, program.width, program.height);
      await writeFile(join(folder, `${name}-${index}.png`), await full.encode('png'));
    }
    drawn.close();
  }
  const bytes = await canvas.encode('jpeg', 82);
  await writeFile(join(folder, `${name}.jpg`), bytes);
  console.log(`${name}.jpg: ${shots.length} pictures, ${Math.round(bytes.length / 1000)} kB`);
}

function label(pen: SKRSContext2D, text: string, x: number, y: number): void {
  pen.font = font(15, 500);
  pen.fillStyle = '#d5d9de';
  pen.fillText(text, x, y);
}

const args = process.argv.slice(2);
const folder = resolve(args.find((arg) => !arg.startsWith('--')) ?? 'docs/pictures');
const each = args.includes('--each');
loadFonts();
await mkdir(folder, { recursive: true });
const wide = { width: 1280, height: 720 };
await sheet(
  folder,
  { name: 'layouts', columns: 4, program: wide, tile: { width: 400, height: 226 }, shots: SHOTS },
  each,
);
const tall = { width: 720, height: 1280 };
await sheet(
  folder,
  { name: 'layouts-portrait', columns: 5, program: tall, tile: { width: 270, height: 480 }, shots: UPRIGHT },
  each,
);
process.exit(0);
