import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Program } from '../../app/_core/scene/scene.ts';
import { startEncoder } from '../../infra/bench/clock/rtmp-source.ts';
import { api, type BroadcastAnswer, eventually, openInstall } from '../../infra/bench/lib/install.ts';

/** Size, shape and rate of the picture: from the source and the host's choice, as players are offered them. */
const install = openInstall();
type Answer = BroadcastAnswer & { program: Program; latency: string };
type Ingest = { rtmp: { url: string; streamKey: string }; state: { state: string } };

let handle = '';
let broadcast: Answer;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  handle = `program-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Program' });
});
afterEach(async () => {
  await api(install, 'POST', `/broadcasts/${broadcast.id}/end`).catch(() => undefined);
  for (const close of closers.splice(0)) await close();
});

const make = (wish: object) =>
  api<Answer>(install, 'POST', `/channels/${handle}/broadcasts`, { title: 'Program', ...wish });
const ingest = () => api<Ingest>(install, 'GET', `/channels/${handle}/ingest`);

/** Connects an encoder and waits until the studio shows it. */
async function connect(picture: { width: number; height: number; fps: number }): Promise<void> {
  const { rtmp } = await ingest();
  const encoder = startEncoder({ url: `${rtmp.url}/${rtmp.streamKey}`, gop: picture.fps, ...picture });
  closers.push(() => encoder.stop());
  await eventually('the encoder publishes', async () => (await ingest()).state.state === 'publishing');
}

/** Starts, and gives the variant streams as players are offered them. */
async function onAir(): Promise<string[]> {
  await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
  const path = `/broadcasts/${broadcast.id}`;
  await eventually('on air', async () => (await api<Answer>(install, 'GET', path)).state === 'live', 60_000);
  broadcast = await api<Answer>(install, 'GET', path);
  const answer = await fetch(broadcast.playback.hls);
  const master = await answer.text();
  if (!answer.ok) throw new Error(`on air, and yet the list is answered with ${answer.status}: ${master}`);
  return [...master.matchAll(/RESOLUTION=(\d+x\d+),FRAME-RATE=([\d.]+)/g)].map(([, size, fps]) => `${size} ${fps}`);
}

test('a plan of 1080p60 is not made of a smaller and slower encoder’s picture', async () => {
  broadcast = await make({ program: { fps: 60, rungs: ['1080p', '360p', '160p'] } });
  await connect({ width: 640, height: 360, fps: 25 });
  expect(await onAir()).toEqual(['640x360 25.000', '284x160 12.500']);
  expect(broadcast.program).toMatchObject({ width: 640, height: 360, fps: 25 });
});

test('an upright encoder gives an upright show where nobody chose a shape', async () => {
  broadcast = await make({ program: { rungs: ['360p'] } });
  await connect({ width: 360, height: 640, fps: 30 });
  expect(await onAir()).toEqual(['360x640 30.000']);
});

test('a shape that was chosen stays; shape, rungs and delay are the host’s until the broadcast is started', async () => {
  broadcast = await make({ program: { shape: 'wide', rungs: ['360p'] } });
  const path = `/broadcasts/${broadcast.id}`;
  await api(install, 'PATCH', path, { program: { shape: 'square', rungs: ['360p'] }, latency: 'ultra' });
  await connect({ width: 640, height: 360, fps: 30 });
  expect(await onAir()).toEqual(['360x360 30.000']);
  expect(broadcast.latency).toBe('ultra');
  await expect(api(install, 'PATCH', path, { latency: 'low' })).rejects.toThrow(/409 .*"field":"latency"/);
});
