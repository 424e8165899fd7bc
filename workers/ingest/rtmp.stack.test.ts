import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngressClient, RoomServiceClient } from 'livekit-server-sdk';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';

/** RTMP through the front door of a running install: real ffmpeg, real LiveKit. */
const Credentials = z.object({ url: z.url(), apiKey: z.string() });
const Settings = z.object({ LIVEKIT_URL: z.string(), LIVEKIT_API_KEY: z.string(), LIVEKIT_API_SECRET: z.string() });
const Ingest = z.object({ rtmp: z.object({ url: z.string(), streamKey: z.string() }) });
const Channel = z.object({ id: z.string() });

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) one.kill('SIGKILL');
  // What the next test calls publishing shall be its own encoder.
  await vi.waitUntil(async () => (await inspect())?.state !== 'publishing', { timeout: 20_000, interval: 100 });
});

async function readHome<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const home = process.env.OPENAIR_TEST_HOME;
  if (!home) throw new Error('set OPENAIR_TEST_HOME to the home of a running install');
  return schema.parse(JSON.parse(await readFile(join(home, file), 'utf8')));
}

function publish(url: string, key: string, extra: string[] = []) {
  const encoder = spawn('ffmpeg', [
    ...'-hide_banner -loglevel error -re -f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine -shortest -t 40'.split(
      ' ',
    ),
    ...'-pix_fmt yuv420p -c:v libx264 -preset ultrafast -tune zerolatency -g 60'.split(' '),
    ...extra,
    ...['-c:a', 'aac', '-f', 'flv', `${url}/${key}`],
  ]);
  running.push(encoder);
  let said = '';
  encoder.stderr.on('data', (text) => {
    said += String(text);
  });
  const whenEnded = new Promise<void>((resolve) => encoder.once('exit', () => resolve()));
  return { encoder, said: () => said, whenEnded };
}

let channel: z.infer<typeof Channel>;
let rtmp: z.infer<typeof Ingest>['rtmp'];
let rotate: () => Promise<void>;
let choose: (settings: { secondEncoder: 'take-over' | 'refuse' }) => Promise<void>;
let rooms: RoomServiceClient;
let ingresses: IngressClient;

beforeAll(async () => {
  const { url, apiKey } = await readHome('credentials.json', Credentials);
  const settings = await readHome('env.json', Settings);
  rooms = new RoomServiceClient(settings.LIVEKIT_URL, settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET);
  ingresses = new IngressClient(settings.LIVEKIT_URL, settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET);
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const handle = `ingest-${Date.now().toString(36)}`;
  rotate = async () => {
    rtmp = Ingest.parse(await ask('POST', `/channels/${handle}/ingest/rotate`)).rtmp;
  };
  choose = async (settings) => void (await ask('PATCH', `/channels/${handle}/ingest`, settings));
  channel = Channel.parse(await ask('POST', '/channels', { handle, name: 'Ingest test' }));
  rtmp = Ingest.parse(await ask('GET', `/channels/${handle}/ingest`)).rtmp;
});

/** The encoder's participant with a picture and a sound, or null. A room that does not exist has nobody in it. */
async function findEncoder() {
  const people = await rooms.listParticipants(channel.id).catch(() => []);
  return people.find((one) => one.identity === 'enc_primary' && one.tracks.length === 2) ?? null;
}

test('a wrong stream key is refused at once, with a sentence', async () => {
  const wrong = publish(rtmp.url, 'certainly-not-a-key-of-anyone');
  await wrong.whenEnded;
  expect(wrong.said()).toContain('Wrong stream key');
});

/** LiveKit's own view: 1 buffering, 2 publishing. */
async function ingressStatus(): Promise<number | undefined> {
  const [ingress] = await ingresses.listIngress({ roomName: channel.id });
  return ingress?.state?.status;
}

test('a right key becomes a participant with picture and sound, and a reconnect is the same one', async () => {
  const within = { timeout: 20_000, interval: 250 };
  const first = publish(rtmp.url, rtmp.streamKey);
  const sid = await vi.waitUntil(async () => (await findEncoder())?.sid, within);
  await vi.waitUntil(async () => (await ingressStatus()) === 2, within);
  first.encoder.kill('SIGKILL');
  await vi.waitUntil(async () => (await ingressStatus()) === 1, within);
  publish(rtmp.url, rtmp.streamKey);
  await vi.waitUntil(async () => (await ingressStatus()) === 2, within);
  expect((await findEncoder())?.sid).toBe(sid);
});

/** What the worker says of this channel's ingest. */
async function inspect(): Promise<{ onAir: string; standby: boolean; state: string } | undefined> {
  const { INGEST_HEALTH_PORT } = await readHome('env.json', z.object({ INGEST_HEALTH_PORT: z.string() }));
  const answer = await fetch(`http://127.0.0.1:${INGEST_HEALTH_PORT}/health`);
  const Health = z.object({
    ingests: z.array(
      z.object({ room: z.string(), onAir: z.string().nullish(), standby: z.boolean().optional(), state: z.string() }),
    ),
  });
  const found = Health.parse(await answer.json()).ingests.find((one) => one.room === channel.id);
  return found && { state: found.state, onAir: found.onAir ?? '', standby: found.standby ?? false };
}

test('a backup stands by and takes over as the same participant when the primary encoder dies', async () => {
  const within = { timeout: 20_000, interval: 100 };
  const primary = publish(rtmp.url, rtmp.streamKey);
  await vi.waitUntil(async () => (await inspect())?.state === 'publishing', within);
  const sid = (await findEncoder())?.sid;
  publish(rtmp.url, `${rtmp.streamKey}?backup=1`);
  await vi.waitUntil(async () => (await inspect())?.standby, within);
  expect((await inspect())?.onAir).toBe('primary');
  primary.encoder.kill('SIGSTOP');
  await vi.waitUntil(async () => (await inspect())?.onAir === 'backup', within);
  await vi.waitUntil(async () => (await inspect())?.state === 'publishing', within);
  expect((await findEncoder())?.sid).toBe(sid);
});

test('a second encoder with the same key takes over, or is refused while the first one sends, as the channel chose', async () => {
  const within = { timeout: 20_000, interval: 100 };
  const first = publish(rtmp.url, rtmp.streamKey);
  await vi.waitUntil(async () => (await inspect())?.state === 'publishing', within);
  await choose({ secondEncoder: 'refuse' });
  const refused = publish(rtmp.url, rtmp.streamKey);
  await refused.whenEnded;
  expect(refused.said()).toContain('Another encoder is using this stream key');
  expect((await inspect())?.state).toBe('publishing');
  expect(first.encoder.exitCode).toBeNull();
  await choose({ secondEncoder: 'take-over' });
  publish(rtmp.url, rtmp.streamKey);
  await first.whenEnded;
  await vi.waitUntil(async () => (await inspect())?.state === 'publishing', within);
});

test('a replaced key ends its encoder at once and is refused from then on; the new one is taken', async () => {
  const within = { timeout: 20_000, interval: 100 };
  const old = rtmp.streamKey;
  const encoder = publish(rtmp.url, old);
  await vi.waitUntil(async () => (await inspect())?.state === 'publishing', within);
  await rotate();
  await encoder.whenEnded;
  const refused = publish(rtmp.url, old);
  await refused.whenEnded;
  expect(refused.said()).toContain('Wrong stream key');
  publish(rtmp.url, rtmp.streamKey);
  await vi.waitUntil(async () => (await inspect())?.state === 'publishing', within);
});
