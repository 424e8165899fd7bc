import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { InputRecordingView } from '#core/ingest/input-recordings';

/** The recording of an input through the front door of a running install: real ffmpeg, real storage, processes killed. */
const run = promisify(execFile);
const home = process.env.OPENAIR_TEST_HOME ?? '';
const Credentials = z.object({ url: z.url(), apiKey: z.string() });
const State = z.object({ parts: z.record(z.string(), z.object({ pid: z.number().nullish() })) });
const handle = `door-${Date.now().toString(36)}`;
const running: ChildProcess[] = [];
let folder = '';
let url = '';
let apiKey = '';
let rtmp = { url: '', streamKey: '' };

async function ask(method: string, path: string, body?: object) {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}

async function recordings(): Promise<InputRecordingView[]> {
  const { body } = await ask('GET', `/channels/${handle}/ingest/recordings`);
  return z.object({ items: z.array(InputRecordingView) }).parse(body).items;
}

/** What the studio is told of the signal. */
async function notes() {
  const Answer = z.object({
    state: z.object({ health: z.object({ notes: z.array(z.object({ id: z.string() })) }).optional() }),
  });
  const { body } = await ask('GET', `/channels/${handle}/ingest`);
  return Answer.parse(body).state.health?.notes ?? [];
}

function publish(): ChildProcess {
  const input =
    '-hide_banner -loglevel error -re -f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine -t 90'.split(' ');
  const codecs = '-pix_fmt yuv420p -c:v libx264 -preset ultrafast -tune zerolatency -g 60 -c:a aac -f flv'.split(' ');
  const encoder = spawn('ffmpeg', [...input, ...codecs, `${rtmp.url}/${rtmp.streamKey}`], { stdio: 'ignore' });
  running.push(encoder);
  return encoder;
}

/** Downloads a recording and reads it as a stranger would. */
async function probe(recording: InputRecordingView | undefined) {
  const answer = await fetch(`${url}${recording?.mp4}`, { headers: { authorization: `Bearer ${apiKey}` } });
  expect(answer.headers.get('content-type')).toBe('video/mp4');
  const file = join(folder, `${recording?.id}.mp4`);
  await writeFile(file, new Uint8Array(await answer.arrayBuffer()));
  const decoded = await run('ffmpeg', ['-v', 'warning', '-i', file, '-f', 'null', '-']);
  const show = ['-count_packets', '-show_streams', '-show_format', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...show, file]);
  const Probe = z.object({
    format: z.object({ duration: z.coerce.number() }),
    streams: z.array(z.object({ codec_name: z.string(), nb_read_packets: z.coerce.number() })),
  });
  return { ...Probe.parse(JSON.parse(stdout)), complaints: decoded.stderr };
}

async function ingestHealth(): Promise<{ room: string; pid?: number; mode?: string | null }[]> {
  const { INGEST_HEALTH_PORT } = JSON.parse(await readFile(join(home, 'env.json'), 'utf8'));
  const answer = await fetch(`http://127.0.0.1:${INGEST_HEALTH_PORT}/health`);
  return (await answer.json()).ingests;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openair-door-'));
  ({ url, apiKey } = Credentials.parse(JSON.parse(await readFile(join(home, 'credentials.json'), 'utf8'))));
  await ask('POST', '/channels', { handle, name: 'Recorded at the door' });
  rtmp = (await ask('GET', `/channels/${handle}/ingest`)).body.rtmp;
});
afterAll(async () => {
  for (const one of running) one.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const WITHIN = { timeout: 60_000, interval: 250 };

test('nothing is recorded unless the channel chose it', async () => {
  const encoder = publish();
  await vi.waitUntil(async () => (await ingestHealth()).some(({ mode }) => mode === 'copy'), WITHIN);
  encoder.kill('SIGKILL');
  await vi.waitUntil(async () => (await ingestHealth()).length === 0, WITHIN);
  expect(await recordings()).toEqual([]);
  const chosen = await ask('PATCH', `/channels/${handle}/ingest`, { record: true });
  expect(chosen.body.settings).toMatchObject({ record: true, secondEncoder: 'take-over' });
}, 90_000);

test('what the encoder sends is a file when it has ended, through a killed media process; for the team alone, and until it is deleted', async () => {
  const encoder = publish();
  await vi.waitUntil(async () => ((await recordings())[0]?.duration ?? 0) > 4, WITHIN);
  const before = (await recordings())[0]?.duration ?? 0;
  const [ingest] = await ingestHealth();
  process.kill(z.int().min(2).parse(ingest?.pid), 'SIGKILL');
  await vi.waitUntil(async () => ((await recordings())[0]?.duration ?? 0) > before + 5, WITHIN);
  expect(await recordings()).toMatchObject([{ state: 'recording', protocol: 'rtmp', encoder: 'ffmpeg', mp4: null }]);
  encoder.kill('SIGKILL');
  const ready = await vi.waitUntil(async () => {
    const [one] = await recordings();
    return one?.state === 'ready' ? one : null;
  }, WITHIN);
  expect(ready).toMatchObject({ recovered: false, gap: 0, problem: null });
  const seen = await probe(ready);
  expect(seen.complaints).toBe('');
  expect(seen.streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
  // Every picture of that time, none from the moment of the kill missing.
  expect(seen.streams[0]?.nb_read_packets).toBeGreaterThan((seen.format.duration - 0.5) * 30);
  expect(seen.format.duration).toBeGreaterThan(before + 5);
  const range = await fetch(`${url}${ready.mp4}`, {
    headers: { authorization: `Bearer ${apiKey}`, range: 'bytes=4-7' },
  });
  expect([range.status, await range.text()]).toEqual([206, 'ftyp']);
  expect((await fetch(`${url}${ready.mp4}`)).status).toBe(401);
  expect((await ask('DELETE', `/channels/${handle}/ingest/recordings/${ready.id}`)).status).toBe(204);
  expect(await recordings()).toEqual([]);
  expect((await fetch(`${url}${ready.mp4}`, { headers: { authorization: `Bearer ${apiKey}` } })).status).toBe(404);
}, 150_000);

test('storage that hangs while an encoder is recorded costs nothing, and the studio says what is the matter', async () => {
  const encoder = publish();
  const newest = async () => (await recordings())[0];
  const begun = await vi.waitUntil(async () => {
    const one = await newest();
    return one?.state === 'recording' && one.duration > 4 ? one : null;
  }, WITHIN);
  const { parts } = State.parse(JSON.parse(await readFile(join(home, 'state.json'), 'utf8')));
  const storage = z.int().min(2).parse(parts.storage?.pid);
  process.kill(storage, 'SIGSTOP');
  try {
    await vi.waitUntil(async () => (await notes()).some(({ id }) => id === 'recording-waits'), WITHIN);
    // The call that hangs is given up after 10 s, and tried again: a whole round of it is waited for.
    await vi.waitUntil(async () => ((await newest())?.duration ?? 0) > begun.duration + 15, WITHIN);
    expect(encoder.exitCode).toBeNull();
  } finally {
    process.kill(storage, 'SIGCONT');
  }
  await vi.waitUntil(async () => (await notes()).every(({ id }) => !id.startsWith('recording-')), WITHIN);
  encoder.kill('SIGKILL');
  const ready = await vi.waitUntil(async () => {
    const one = await newest();
    return one?.id === begun.id && one.state === 'ready' ? one : null;
  }, WITHIN);
  expect(ready).toMatchObject({ recovered: false, gap: 0, problem: null });
  const seen = await probe(ready);
  expect(seen.complaints).toBe('');
  expect(seen.format.duration).toBeGreaterThan(begun.duration + 15);
  expect(seen.streams[0]?.nb_read_packets).toBeGreaterThan((seen.format.duration - 0.5) * 30);
  expect((await ask('DELETE', `/channels/${handle}/ingest/recordings/${ready.id}`)).status).toBe(204);
}, 240_000);

test('a killed ingest worker costs a few seconds at the end, and the rest is made a file', async () => {
  const encoder = publish();
  await vi.waitUntil(async () => ((await recordings())[0]?.duration ?? 0) > 10, WITHIN);
  const told = (await recordings())[0]?.duration ?? 0;
  const { parts } = State.parse(JSON.parse(await readFile(join(home, 'state.json'), 'utf8')));
  const worker = z.int().min(2).parse(parts.ingest?.pid);
  process.kill(worker, 'SIGKILL');
  await new Promise((resolve) => encoder.once('exit', resolve));
  const ready = await vi.waitUntil(
    async () => {
      const [one] = await recordings();
      return one?.state === 'ready' ? one : null;
    },
    { timeout: 120_000, interval: 500 },
  );
  expect(ready).toMatchObject({ recovered: true });
  expect(ready.problem).toContain('ended unexpectedly');
  const seen = await probe(ready);
  expect(seen.complaints).toBe('');
  expect(seen.format.duration).toBeGreaterThan(told - 4);
}, 180_000);
