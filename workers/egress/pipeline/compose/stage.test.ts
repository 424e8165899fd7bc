import '../native.ts';
import { afterEach, expect, test } from 'vitest';
import { Program, Scene } from '#core/scene/scene';
import { host, plainPicture } from './fixtures/stage-people.ts';
import type { StageView } from './inputs.ts';
import { SoundLine } from './sound-line.ts';
import { Stage } from './stage.ts';

const SIZE = { width: 320, height: 180 };
const program = Program.parse(SIZE);

let stage: Stage;
afterEach(() => stage.close());

test('R-2: with the slate alone no source is drawn and sound goes on, until the scene is another one', async () => {
  const view: StageView<SoundLine> = { version: 0, people: [], activeSpeaker: null, metadata: null };
  const line = new SoundLine();
  stage = new Stage({
    program,
    direction: { kind: 'scene' },
    onlySlate: true,
    view: () => view,
    isAllowed: () => false,
    onTrouble: (error) => {
      throw error;
    },
  });
  const picture = () => ({ ...plainPicture(120, SIZE), atMs: performance.now() });
  const ada = { ...host('ada', picture()), cameraTap: { latest: picture }, sounds: [line] };
  const setScene = (scene: object) =>
    Object.assign(view, { people: [ada], metadata: { v: 1 as const, program, scene: Scene.parse(scene) } });
  const showsSource = async (tick: number) => {
    const { showsSource, release } = await stage.picture(tick);
    release();
    return showsSource;
  };
  await stage.open();
  setScene({});
  expect([stage.onlySlate, stage.isLive(), await showsSource(1)]).toEqual([true, false, false]);
  for (let block = 0; block < 40; block++) line.write(new Int16Array(960).fill(8000));
  const blocks = Array.from({ length: 10 }, () => stage.sound());
  expect(blocks.some((block) => block.some((sample) => Math.abs(sample) > 0.1))).toBe(true);
  setScene({});
  expect(await showsSource(2)).toBe(false);
  setScene({ version: 2, layout: 'single' });
  expect([stage.onlySlate, stage.isLive(), await showsSource(3)]).toEqual([false, true, true]);
});
