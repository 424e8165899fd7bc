import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { api, type BroadcastAnswer, eventually, openInstall } from '../../infra/bench/lib/install.ts';
import { openRtmpSink, type RtmpSink } from '../../infra/e2e/rtmp-sink.ts';
import { type Publisher, publish } from '../../infra/faults/publisher.ts';
import { freePort } from '../../infra/nginx/run-nginx.ts';
import { openRtmpPlatform } from './pipeline/output/push/fixtures/rtmp-platform.ts';

/** Destinations as their owner has them: set through the API, read where the studio reads them, other makes of server at the other end. */
const install = openInstall();
const run = promisify(execFile);

type Destination = {
  id: string;
  name: string;
  state: string;
  lastError: string | null;
  bitrateKbps: number;
  retries: number;
  droppedFrames: number;
};
type Wish = { name: string; url: string; streamKey: string };

const closers: (() => unknown)[] = [];
let sink: RtmpSink;
let handle = '';
let broadcast: BroadcastAnswer;

beforeEach(async () => {
  sink = await openRtmpSink();
  closers.push(() => sink.close());
  await sink.start();
  handle = `dest-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Destinations' });
  broadcast = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, { title: 'Destinations' });
});
afterEach(async () => {
  await end().catch(() => undefined);
  for (const close of closers.splice(0).reverse()) await close();
});

/** On air with the picture of an encoder. */
async function goLive(): Promise<void> {
  const path = `/channels/${handle}/ingest`;
  const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(install, 'GET', path);
  const publisher: Publisher = publish(`${rtmp.url}/${rtmp.streamKey}`, 300);
  closers.push(() => publisher.stop());
  await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
  await eventually('on air', async () => (await look()).state === 'live', 60_000);
}

async function end(): Promise<void> {
  await api(install, 'POST', `/broadcasts/${broadcast.id}/end`);
  await eventually('ended', async () => (await look()).state === 'ended', 40_000);
}

const look = () => api<BroadcastAnswer>(install, 'GET', `/broadcasts/${broadcast.id}`);
const add = (wish: Wish) =>
  api<Destination>(install, 'POST', `/channels/${handle}/destinations`, { kind: 'custom', enabled: true, ...wish });
const edit = (id: string, patch: object) =>
  api<Destination>(install, 'PATCH', `/channels/${handle}/destinations/${id}`, patch);

/** By name, as the broadcast's page in the studio shows them. */
async function destinations(): Promise<Map<string, Destination>> {
  const seen = (await look()).destinations as unknown as Destination[];
  return new Map(seen.map((one) => [one.name, one]));
}

async function becomes(name: string, state: string, withinMs = 40_000): Promise<Destination> {
  return eventually(
    `${name} is ${state}`,
    async () => {
      const one = (await destinations()).get(name);
      return one?.state === state ? one : Promise.reject(new Error(JSON.stringify(one)));
    },
    withinMs,
  );
}

const receives = (key: string) =>
  eventually(`the sink receives ${key}`, async () => (await sink.bytesIn(key)) > 50_000);
const isGone = (key: string) => eventually(`nobody sends ${key} any more`, async () => (await sink.bytesIn(key)) === 0);

/** Check sums of the coded pictures in a framecrc file. */
const sumsIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('0,'))
    .map((line) => line.split(',').at(-1)?.trim());
const EVERY_PICTURE = ['-map', '0:v:0', '-c', 'copy', '-flush_packets', '1', '-f', 'framecrc'];

/** FFmpeg's own RTMP server, which notes the check sum of every picture that it gets. */
async function openCountingServer(): Promise<{
  url: string;
  sums(): (string | undefined)[];
  over(): Promise<unknown>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'openair-counting-'));
  const file = join(folder, 'pictures.txt');
  const url = `rtmp://127.0.0.1:${await freePort()}/live`;
  const listen = ['-listen', '1', '-f', 'flv', '-i', `${url}/counted`];
  const child: ChildProcess = spawn('ffmpeg', ['-nostdin', '-v', 'error', ...listen, ...EVERY_PICTURE, file]);
  const over = once(child, 'exit');
  closers.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await over;
    rmSync(folder, { recursive: true, force: true });
  });
  return { url, over: () => over, sums: () => sumsIn(existsSync(file) ? readFileSync(file, 'utf8') : '') };
}

test('three destinations at once, one healthy, one refusing, one reading at 10 kB/s: the healthy one loses no picture, the others say what is wrong', async () => {
  const healthy = await openCountingServer();
  const slow = await openRtmpPlatform({ bytesPerSecond: 10_000 });
  closers.push(() => slow.close());
  await add({ name: 'Healthy', url: healthy.url, streamKey: 'counted' });
  await add({ name: 'Refusing', url: sink.refusingUrl, streamKey: 'refused-secret' });
  await add({ name: 'Slow', url: `rtmp://127.0.0.1:${slow.port}/live`, streamKey: 'slow-secret' });
  await goLive();
  const refusing = await becomes('Refusing', 'failed');
  expect(refusing.lastError).toMatch(/^Refusing refused the stream\. Check the stream key/);
  const late = await eventually(
    'the slow one is said to be too slow',
    async () => {
      const one = (await destinations()).get('Slow');
      return one?.lastError && one.droppedFrames > 0 ? one : null;
    },
    90_000,
  );
  expect(late).toMatchObject({ state: 'pushing' });
  expect(late.lastError).toMatch(
    /^127\.0\.0\.1 takes .+bit\/s, the stream needs .+bit\/s: pictures are left out there/,
  );
  expect(late.bitrateKbps).toBeLessThan(1000);
  // Both troubles have had their full effect; the healthy one goes on for five seconds more.
  const before = healthy.sums().length;
  await eventually('150 pictures more', async () => healthy.sums().length > before + 150);
  expect((await destinations()).get('Healthy')).toMatchObject({
    state: 'pushing',
    lastError: null,
    retries: 0,
    droppedFrames: 0,
  });
  expect(JSON.stringify(await look())).not.toContain('-secret');
  await end();
  await healthy.over();
  const received = healthy.sums();
  const sent = await recordedPictures();
  // What was sent to viewers, picture by picture: from where the push began to where the show was ended.
  const starts = sent.flatMap((sum, index) => (sum === received[0] ? [index] : []));
  const whole = starts.find((start) => received.every((sum, index) => sent[start + index] === sum));
  expect(whole, firstLost(received, sent, starts)).toBeDefined();
  expect(sent.length - (whole ?? 0) - received.length).toBeLessThan(60);
  expect(received.length).toBeGreaterThan(300);
}, 240_000);

/** The pictures of the recording, as coded: pushes and playback are copies of one encoder's output. */
async function recordedPictures(): Promise<(string | undefined)[]> {
  const master = await (await fetch(broadcast.playback.hls)).text();
  const [largest = ''] = master.split('\n').filter((line) => line.endsWith('/media.m3u8') && !line.startsWith('#'));
  const list = new URL(largest, broadcast.playback.hls).href;
  await eventually('the whole show is listed', async () =>
    (await (await fetch(list)).text()).includes('#EXT-X-ENDLIST'),
  );
  const args = ['-nostdin', '-v', 'error', '-i', list, ...EVERY_PICTURE, '-'];
  return sumsIn((await run('ffmpeg', args, { maxBuffer: 64_000_000 })).stdout);
}

function firstLost(received: (string | undefined)[], sent: (string | undefined)[], starts: number[]): string {
  const [start = 0] = starts;
  const at = received.findIndex((sum, index) => sent[start + index] !== sum);
  return `${received.length} pictures came, ${sent.length} were sent; the first that differs is ${at}, begun at ${starts.join()}`;
}

test('destinations are added, given another key, switched off and removed while on air; the others do not notice', async () => {
  await goLive();
  const first = await add({ name: 'First', url: sink.url, streamKey: 'first-key' });
  await receives('first-key');
  await becomes('First', 'pushing');
  const second = await add({ name: 'Second', url: sink.url, streamKey: 'second-key' });
  await receives('second-key');

  await edit(second.id, { streamKey: 'other-key' });
  await receives('other-key');
  await isGone('second-key');
  await becomes('Second', 'pushing');

  await edit(second.id, { enabled: false });
  await isGone('other-key');
  await becomes('Second', 'idle');
  await edit(second.id, { enabled: true });
  await receives('other-key');
  await becomes('Second', 'pushing');

  const wrong = await add({ name: 'Wrong', url: sink.refusingUrl, streamKey: 'wrong-key' });
  expect((await becomes('Wrong', 'failed')).lastError).toMatch(/refused the stream/);
  await edit(wrong.id, { url: sink.url, streamKey: 'right-key' });
  await receives('right-key');
  expect(await becomes('Wrong', 'pushing')).toMatchObject({ lastError: null });

  await api(install, 'DELETE', `/channels/${handle}/destinations/${second.id}`);
  await isGone('other-key');
  expect([...(await destinations()).keys()].sort()).toEqual(['First', 'Wrong']);
  expect((await destinations()).get('First')).toMatchObject({ state: 'pushing', retries: 0, droppedFrames: 0 });
  const before = await sink.bytesIn('first-key');
  await eventually('the first one goes on', async () => (await sink.bytesIn('first-key')) > before);
  await api(install, 'DELETE', `/channels/${handle}/destinations/${first.id}`);
  await isGone('first-key');
}, 240_000);

test('twenty destinations at once each have a state of their own; one more is refused in words', async () => {
  const names = Array.from({ length: 18 }, (_, index) => `Platform ${index + 1}`);
  const keyOf = (name: string) => name.replace(' ', '-').toLowerCase();
  for (const name of names) await add({ name, url: sink.url, streamKey: keyOf(name) });
  await add({ name: 'Refusing', url: sink.refusingUrl, streamKey: 'no' });
  await add({ name: 'Nobody there', url: `rtmp://127.0.0.1:${await freePort()}/live`, streamKey: 'nobody' });
  await expect(add({ name: 'One more', url: sink.url, streamKey: 'more' })).rejects.toThrow(
    /409 .*at most 20 destinations/,
  );
  await goLive();
  for (const name of names) {
    await receives(keyOf(name));
    await becomes(name, 'pushing');
  }
  await becomes('Refusing', 'failed');
  expect((await becomes('Nobody there', 'retrying')).lastError).toMatch(/^Nothing answers at 127\.0\.0\.1/);
  const before = await Promise.all(names.map((name) => sink.bytesIn(keyOf(name))));
  await eventually('every one of them receives more', async () => {
    const now = await Promise.all(names.map((name) => sink.bytesIn(keyOf(name))));
    return now.every((bytes, index) => bytes > (before[index] ?? 0) + 100_000);
  });
  const all = await destinations();
  for (const name of names) expect(all.get(name)).toMatchObject({ retries: 0, droppedFrames: 0, lastError: null });
}, 240_000);
