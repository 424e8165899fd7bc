import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

/** From an encoder's show to the files of its recording, through the front door of a running install: real ffmpeg, LiveKit, storage. */
const run = promisify(execFile);
const HANDLE = `files${Date.now().toString(36)}`;
const SHOW_S = 14;

type Recording = {
  state: string;
  mp4: string | null;
  audio: string | null;
  files: { state: string; progress: number } | null;
  thumbnails: string[];
  storyboard: string | null;
  duration: number;
  mp4Bytes: number | null;
};
type Broadcast = { id: string; state: string; playback: { hls: string } };

let folder = '';
let encoder: ChildProcess;
let ask: (method: string, path: string, body?: object) => Promise<unknown>;
let broadcast: Broadcast;
let recording: Recording;

beforeAll(async () => {
  const home = process.env.OPENAIR_TEST_HOME;
  if (!home) throw new Error('set OPENAIR_TEST_HOME to the home of a running install');
  const { url, apiKey } = JSON.parse(await readFile(join(home, 'credentials.json'), 'utf8'));
  ask = async (method, path, body) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  folder = await mkdtemp(join(tmpdir(), 'openair-files-'));
  await ask('POST', '/channels', { handle: HANDLE, name: 'Files' });
  const { rtmp } = (await ask('GET', `/channels/${HANDLE}/ingest`)) as { rtmp: { url: string; streamKey: string } };
  const pictures = '-f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine=frequency=440:sample_rate=48000';
  const coding = '-pix_fmt yuv420p -c:v libx264 -preset ultrafast -tune zerolatency -g 30 -c:a aac -ac 2 -f flv';
  const args = `-nostdin -v error -re ${pictures} ${coding}`.split(' ');
  encoder = spawn('ffmpeg', [...args, `${rtmp.url}/${rtmp.streamKey}`], { stdio: 'ignore' });
  const wish = { title: 'Files: a "test" show', visibility: 'public' };
  broadcast = (await ask('POST', `/channels/${HANDLE}/broadcasts`, wish)) as Broadcast;
  await ask('POST', `/broadcasts/${broadcast.id}/start`);
  await until('live', async () => ((await ask('GET', `/broadcasts/${broadcast.id}`)) as Broadcast).state === 'live');
});
afterAll(async () => {
  encoder?.kill('SIGKILL');
  if (broadcast) await ask('POST', `/broadcasts/${broadcast.id}/end`).catch(() => {});
  await rm(folder, { recursive: true, force: true });
});

const until = (what: string, check: () => Promise<boolean>, timeout = 40_000) =>
  vi.waitFor(async () => expect(await check(), what).toBe(true), { timeout, interval: 250 });
const beside = (name: string) => broadcast.playback.hls.replace('index.m3u8', name);
const cuesOf = async () => {
  const answer = await fetch(beside('storyboard.vtt'));
  return answer.ok
    ? [...(await answer.text()).matchAll(/^(storyboard-\d+\.jpg)#xywh=/gm)].map(([, name = '']) => name)
    : [];
};

test('while it is live, a show has a thumbnail of its source and a storyboard that grows', async () => {
  await until('a thumbnail', async () => (await fetch(beside('thumb.jpg'))).ok);
  const begunMs = Date.now();
  await until('two pictures of the storyboard', async () => (await cuesOf()).length >= 2);
  const [sheet = ''] = await cuesOf();
  const picture = await fetch(beside(sheet));
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  await until('the length of the show', async () => Date.now() - begunMs > SHOW_S * 1000);
});

test('after the end its files are made, and the API names them', async () => {
  await ask('POST', `/broadcasts/${broadcast.id}/end`);
  await until(
    'files',
    async () => {
      const answer = await ask('GET', `/broadcasts/${broadcast.id}/recording`).catch(() => null);
      recording = answer as Recording;
      return recording?.files?.state === 'ready';
    },
    60_000,
  );
  expect(recording).toMatchObject({
    state: 'ready',
    mp4: beside('recording.mp4'),
    audio: beside('recording.m4a'),
    thumbnails: [beside('thumb.jpg')],
    storyboard: beside('storyboard.vtt'),
    files: { progress: 1 },
  });
});

test('the MP4 is the whole show: head first, as long as the playlist, in sync, and decodes without a word', async () => {
  const answer = await fetch(`${recording.mp4}?download`);
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="Files a test show\.mp4"/);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.length).toBe(recording.mp4Bytes);
  expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  const file = join(folder, 'recording.mp4');
  await writeFile(file, bytes);
  const show = ['-v', 'warning', '-count_frames', '-show_streams', '-show_format', '-of', 'json', file];
  const { stdout, stderr } = await run('ffprobe', show);
  expect(stderr).toBe('');
  const { streams, format } = JSON.parse(stdout);
  expect(format.tags.title).toBe('Files: a "test" show');
  expect(Math.abs(Number(format.duration) - recording.duration)).toBeLessThan(0.1);
  const [video, audio] = streams;
  expect(Math.abs(Number(video.start_time) - Number(audio.start_time))).toBeLessThan(0.045);
  expect(Math.abs(Number(video.duration) - Number(audio.duration))).toBeLessThan(0.3);
  const frames = Number(video.nb_read_frames) / Number(video.duration);
  expect(frames).toBeGreaterThan(15);
  expect((await run('ffmpeg', ['-v', 'warning', '-i', file, '-f', 'null', '-'])).stderr).toBe('');
});

test('the sound alone is a file of its own, and both can be read by ranges', async () => {
  const tail = await fetch(recording.audio ?? '', { headers: { range: 'bytes=0-11' } });
  expect([tail.status, Buffer.from(await tail.arrayBuffer()).toString('latin1', 4)]).toEqual([206, 'ftypM4A ']);
});
