import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type IngressInfo,
  IngressInput,
  IngressVideoEncodingPreset,
  IngressVideoOptions,
  IngressState_Status as Status,
} from '@livekit/protocol';
import { IngressClient, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

/** LiveKit's ingress API as any `IngressClient` uses it, answered by our worker: every call and state, real encoders, real livekit-server. */
const home = process.env.OPENAIR_TEST_HOME ?? '';
const env = JSON.parse(readFileSync(join(home, 'env.json'), 'utf8')) as Record<string, string>;
const { LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '', INGEST_HEALTH_PORT = '' } = env;
const client = new IngressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const WITHIN = { timeout: 25_000, interval: 150 };
const roomName = `conform_${Date.now().toString(36)}`;
const who = { roomName, participantIdentity: 'cam', participantName: 'Camera', participantMetadata: '{"seat":7}' };

let folder: string;
let web: Server;
let webUrl: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openair-conform-'));
  const film = '-hide_banner -loglevel error -y -f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine -t 6'.split(
    ' ',
  );
  const codecs = '-pix_fmt yuv420p -c:v libx264 -preset ultrafast -g 25 -bf 0 -c:a aac -movflags +faststart'.split(' ');
  execFileSync('ffmpeg', [...film, ...codecs, join(folder, 'film.mp4')]);
  web = createServer((request, response) => {
    if (request.url !== '/film.mp4') {
      response.writeHead(404).end();
      return;
    }
    const path = join(folder, 'film.mp4');
    const { size } = statSync(path);
    const [, from = '0'] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
    const head = { 'accept-ranges': 'bytes', 'content-length': size - Number(from) };
    if (request.headers.range)
      response.writeHead(206, { ...head, 'content-range': `bytes ${from}-${size - 1}/${size}` });
    else response.writeHead(200, head);
    createReadStream(path, { start: Number(from) }).pipe(response);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  await rooms.createRoom({ name: roomName, emptyTimeout: 120, departureTimeout: 120 });
});
afterAll(async () => {
  web.close();
  web.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
  await rooms.deleteRoom(roomName).catch(() => undefined);
});

const running: ChildProcess[] = [];
const made: string[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) one.kill('SIGKILL');
  for (const id of made.splice(0)) await client.deleteIngress(id).catch(() => undefined);
});

async function create(input: IngressInput, more: object = {}): Promise<IngressInfo> {
  const info = await client.createIngress(input, { name: 'conformance', ...who, ...more } as never);
  made.push(info.ingressId);
  return info;
}
async function stateOf(ingressId: string) {
  return (await client.listIngress({ ingressId }))[0]?.state;
}
const reaches = (ingressId: string, status: Status) =>
  vi.waitUntil(async () => (await stateOf(ingressId))?.status === status, WITHIN);

function encode(info: IngressInfo) {
  const input =
    '-hide_banner -loglevel error -re -f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine -t 60'.split(' ');
  const codecs = '-pix_fmt yuv420p -c:v libx264 -preset ultrafast -tune zerolatency -g 60 -c:a aac -f flv'.split(' ');
  const child = spawn('ffmpeg', [...input, ...codecs, `${info.url}/${info.streamKey}`]);
  running.push(child);
  let said = '';
  child.stderr.on('data', (text) => {
    said += String(text);
  });
  return { child, said: () => said, whenEnded: new Promise<void>((resolve) => child.once('exit', () => resolve())) };
}

async function inspect(ingressId: string): Promise<{ mode: string | null } | undefined> {
  const answer = await fetch(`http://127.0.0.1:${INGEST_HEALTH_PORT}/health`);
  const { ingests } = (await answer.json()) as { ingests: { ingressId: string; mode: string | null }[] };
  return ingests.find((one) => one.ingressId === ingressId);
}

test('RTMP: inactive, publishing with its figures and its participant; deleting it ends the encoder', async () => {
  const info = await create(IngressInput.RTMP_INPUT);
  expect(info.state?.status).toBe(Status.ENDPOINT_INACTIVE);
  const encoder = encode(info);
  await reaches(info.ingressId, Status.ENDPOINT_PUBLISHING);
  const state = await vi.waitUntil(async () => {
    const seen = await stateOf(info.ingressId);
    return seen?.video?.width ? seen : null;
  }, WITHIN);
  expect(state).toMatchObject({
    error: '',
    video: { mimeType: 'video/h264', width: 640, height: 360 },
    audio: { mimeType: 'audio/aac' },
  });
  expect(state.startedAt).toBeGreaterThan(0n);
  const seat = await rooms.getParticipant(roomName, 'cam');
  expect(seat).toMatchObject({ name: 'Camera', metadata: '{"seat":7}' });
  await client.deleteIngress(info.ingressId);
  await encoder.whenEnded;
  expect(await client.listIngress({ ingressId: info.ingressId }).catch(() => [])).toEqual([]);
});

test('RTMP: an update ends a running encoder; disabled it is refused, enabled again it is taken, and its state goes round', async () => {
  const info = await create(IngressInput.RTMP_INPUT);
  const first = encode(info);
  await reaches(info.ingressId, Status.ENDPOINT_PUBLISHING);
  await client.updateIngress(info.ingressId, { name: 'closed', enabled: false } as never);
  await first.whenEnded;
  await reaches(info.ingressId, Status.ENDPOINT_INACTIVE);
  const refused = encode(info);
  await refused.whenEnded;
  expect(refused.said()).not.toBe('');
  expect((await stateOf(info.ingressId))?.status).toBe(Status.ENDPOINT_INACTIVE);
  await client.updateIngress(info.ingressId, { name: 'open', enabled: true } as never);
  encode(info);
  await reaches(info.ingressId, Status.ENDPOINT_PUBLISHING);
});

test('a preset is what is published: the picture is transcoded, though it could be copied, in as many sizes as it says', async () => {
  const video = new IngressVideoOptions({
    encodingOptions: { case: 'preset', value: IngressVideoEncodingPreset.H264_540P_25FPS_2_LAYERS },
  });
  const info = await create(IngressInput.RTMP_INPUT, { video });
  encode(info);
  await reaches(info.ingressId, Status.ENDPOINT_PUBLISHING);
  expect((await inspect(info.ingressId))?.mode).toBe('transcode');
  await vi.waitFor(async () => {
    const { tracks } = await rooms.getParticipant(roomName, 'cam');
    const picture = tracks.find(({ mimeType }) => mimeType === 'video/H264');
    expect(picture).toMatchObject({ simulcast: true, width: 960, height: 540 });
    // A source of its own for each, so each arrived.
    expect(picture?.layers.map(({ rid, width, ssrc }) => ({ rid, width, came: ssrc > 0 }))).toEqual([
      { rid: 'q', width: 480, came: true },
      { rid: 'h', width: 960, came: true },
    ]);
  }, WITHIN);
});

test('URL: a film is published and completes; its record stays', async () => {
  const info = await create(IngressInput.URL_INPUT, { url: `${webUrl}/film.mp4` });
  expect(info.state?.status).toBe(Status.ENDPOINT_BUFFERING);
  await reaches(info.ingressId, Status.ENDPOINT_PUBLISHING);
  await reaches(info.ingressId, Status.ENDPOINT_COMPLETE);
});

test('URL: a looped film plays on until it is deleted', async () => {
  const info = await create(IngressInput.URL_INPUT, { url: `${webUrl}/film.mp4#loop` });
  await reaches(info.ingressId, Status.ENDPOINT_PUBLISHING);
  await client.deleteIngress(info.ingressId);
  await vi.waitUntil(async () => (await inspect(info.ingressId)) === undefined, WITHIN);
});

test.each([
  ['http://169.254.169.254/latest/meta-data', /not public/],
  ['http://10.1.2.3/film.mp4', /not public/],
  ['http://[::1]/film.mp4', /not public/],
  [`http://127.0.0.1:${new URL(LIVEKIT_URL).port}/`, /own/],
])('URL: %s is refused before anything is made', async (url, words) => {
  await expect(create(IngressInput.URL_INPUT, { url })).rejects.toThrow(words);
});

test('URL: an address with nothing behind it ends in an error that says so', async () => {
  const info = await create(IngressInput.URL_INPUT, { url: `${webUrl}/nothing.mp4` });
  await reaches(info.ingressId, Status.ENDPOINT_ERROR);
  expect((await stateOf(info.ingressId))?.error).toContain('404');
}, 60_000);

test('WHIP: made, listed by room, and a key of RTMP is not one of WHIP', async () => {
  const info = await create(IngressInput.WHIP_INPUT);
  expect((await client.listIngress({ roomName })).map((one) => one.ingressId)).toContain(info.ingressId);
  const rtmp = await create(IngressInput.RTMP_INPUT);
  const answer = await fetch(info.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${rtmp.streamKey}`, 'content-type': 'application/sdp' },
    body: 'v=0\r\n',
  });
  expect(answer.status).toBe(401);
});
