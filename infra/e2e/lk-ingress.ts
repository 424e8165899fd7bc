/**
 * `npm run lk-ingress`: takes ingresses of each kind through their states with livekit-server-sdk alone, and proves the order of the webhooks.
 * With a livekit-server, a Redis and an ingest worker of its own, since LiveKit tells webhooks to the addresses in its configuration alone.
 * Ends with 1 when something else came than what LiveKit's contract says.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type IngressInfo, IngressInput, IngressState_Status as Status } from '@livekit/protocol';
import { IngressClient, RoomServiceClient, WebhookReceiver } from 'livekit-server-sdk';
import { OPUS_FRAME_SAMPLES, OpusEncoder } from '../../workers/ingest/publish/opus.ts';
import { UNKNOWN_LAYER } from '../../workers/ingest/publish/webrtc/layers.ts';
import { RoomOut } from '../../workers/ingest/publish/webrtc/room-out.ts';
import { polyfillWithResolvers } from '../../workers/ingest/publish/with-resolvers.ts';
import { eventually } from '../bench/lib/install.ts';
import { whipJoin } from './whip-join.ts';

const REPO = resolve(import.meta.dirname, '../..');
const KEY = 'lkingress';
const SECRET = 'only-for-this-run-of-the-ingress-script';
const GRACE_S = 2;
const ROOM = 'lk-ingress';

const folder = mkdtempSync(join(tmpdir(), 'openair-lk-ingress-'));
const running: ChildProcess[] = [];
const ports = await freePorts(7);
const [redisPort, livekitPort, rtmpPort, whipPort, healthPort, udpStart, nobody] = ports as [number, ...number[]];

/** What LiveKit told, in the order in which it came. */
const seen: { event: string; ingressId: string; status: string; startedAt: bigint }[] = [];
const hooks = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', async () => {
    response.end();
    const receiver = new WebhookReceiver(KEY, SECRET);
    const told = await receiver.receive(String(Buffer.concat(pieces)), request.headers.authorization);
    const { state, ingressId = '' } = told.ingressInfo ?? {};
    if (!state) return;
    const status = (Status[state.status] ?? '').replace('ENDPOINT_', '').toLowerCase();
    seen.push({ event: told.event, ingressId, status, startedAt: state.startedAt });
  });
});
const film = createServer((request, response) => {
  if (request.url === '/film.mp4') response.writeHead(200, { 'content-length': filmBytes.length }).end(filmBytes);
  else response.writeHead(404).end();
});
for (const server of [hooks, film]) await once(server.listen(0, '127.0.0.1'), 'listening');
const addressOf = (server: typeof hooks) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const filmBytes = await makeFilm();

writeFileSync(
  join(folder, 'livekit.yaml'),
  JSON.stringify({
    port: livekitPort,
    bind_addresses: ['127.0.0.1'],
    rtc: {
      port_range_start: udpStart,
      port_range_end: (udpStart ?? 0) + 100,
      use_external_ip: false,
      node_ip: '127.0.0.1',
      enable_loopback_candidate: true,
      ips: { includes: ['127.0.0.1/32'] },
    },
    redis: { address: `127.0.0.1:${redisPort}` },
    keys: { [KEY]: SECRET },
    ingress: { rtmp_base_url: `rtmp://127.0.0.1:${rtmpPort}/live`, whip_base_url: `http://127.0.0.1:${whipPort}/whip` },
    webhook: { api_key: KEY, urls: [`${addressOf(hooks)}/`] },
    logging: { level: 'error', pion_level: 'error' },
  }),
);
const livekitUrl = `http://127.0.0.1:${livekitPort}`;
const client = new IngressClient(livekitUrl, KEY, SECRET);
const rooms = new RoomServiceClient(livekitUrl, KEY, SECRET);

type Source = { stop(): Promise<void> };
type Case = {
  name: string;
  /** The whole of it, in order: event and LiveKit's state with it. */
  expects: string[];
  act(): Promise<IngressInfo>;
};
const cases: Case[] = [
  {
    name: 'RTMP: publishes and stops',
    expects: ['ingress_started publishing', 'ingress_ended inactive'],
    async act() {
      const info = await create(IngressInput.RTMP_INPUT);
      const encoder = encode(info);
      await reaches(info, Status.ENDPOINT_PUBLISHING);
      await encoder.stop();
      await reaches(info, Status.ENDPOINT_BUFFERING);
      await reaches(info, Status.ENDPOINT_INACTIVE);
      return info;
    },
  },
  {
    name: 'RTMP: drops and comes back within the grace time: the same session is publishing again',
    expects: ['ingress_started publishing', 'ingress_started publishing', 'ingress_ended inactive'],
    async act() {
      const info = await create(IngressInput.RTMP_INPUT);
      const encoder = encode(info);
      await reaches(info, Status.ENDPOINT_PUBLISHING);
      await encoder.stop();
      await reaches(info, Status.ENDPOINT_BUFFERING);
      const again = encode(info);
      await reaches(info, Status.ENDPOINT_PUBLISHING);
      await again.stop();
      await reaches(info, Status.ENDPOINT_INACTIVE);
      return info;
    },
  },
  {
    name: 'RTMP: changed while it publishes: the encoder is ended',
    expects: ['ingress_started publishing', 'ingress_ended inactive'],
    async act() {
      const info = await create(IngressInput.RTMP_INPUT);
      encode(info);
      await reaches(info, Status.ENDPOINT_PUBLISHING);
      await client.updateIngress(info.ingressId, { name: 'another name' } as never);
      await reaches(info, Status.ENDPOINT_INACTIVE);
      return info;
    },
  },
  {
    name: 'RTMP: deleted while it publishes',
    expects: ['ingress_started publishing', 'ingress_ended inactive'],
    async act() {
      const info = await create(IngressInput.RTMP_INPUT);
      encode(info);
      await reaches(info, Status.ENDPOINT_PUBLISHING);
      await client.deleteIngress(info.ingressId);
      return info;
    },
  },
  {
    name: 'RTMP: switched off: refused, and nothing is told',
    expects: [],
    async act() {
      const info = await create(IngressInput.RTMP_INPUT);
      await client.updateIngress(info.ingressId, { name: 'off', enabled: false } as never);
      await encode(info).ended;
      return info;
    },
  },
  {
    name: 'URL: played to its end',
    expects: ['ingress_started publishing', 'ingress_ended complete'],
    async act() {
      const info = await create(IngressInput.URL_INPUT, { url: `${addressOf(film)}/film.mp4` });
      await reaches(info, Status.ENDPOINT_COMPLETE);
      return info;
    },
  },
  {
    name: 'URL: nothing there',
    expects: ['ingress_ended error'],
    async act() {
      const info = await create(IngressInput.URL_INPUT, { url: `${addressOf(film)}/nothing.mp4` });
      await reaches(info, Status.ENDPOINT_ERROR, 60_000);
      return info;
    },
  },
  {
    name: 'WHIP: publishes and leaves',
    expects: ['ingress_started publishing', 'ingress_ended inactive'],
    async act() {
      const info = await create(IngressInput.WHIP_INPUT);
      const source = await publishByWhip(info);
      await reaches(info, Status.ENDPOINT_PUBLISHING);
      await source.stop();
      await reaches(info, Status.ENDPOINT_INACTIVE);
      return info;
    },
  },
];

let failed = 0;
try {
  await startServers();
  await rooms.createRoom({ name: ROOM, emptyTimeout: 600, departureTimeout: 600 });
  for (const one of cases) await prove(one);
} finally {
  for (const child of running.reverse()) child.kill('SIGKILL');
  hooks.close();
  film.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed > 0 ? 1 : 0);

async function prove({ name, expects, act }: Case): Promise<void> {
  try {
    const { ingressId } = await act();
    const told = () => seen.filter((one) => one.ingressId === ingressId);
    const words = () => told().map(({ event, status }) => `${event} ${status}`);
    await eventually(
      `the webhooks ${expects.join(', ') || 'none'}`,
      async () => words().length >= expects.length,
      10_000,
    ).catch(() => undefined);
    const isSession = new Set(told().map(({ startedAt }) => startedAt)).size <= 1;
    const good = JSON.stringify(words()) === JSON.stringify(expects) && isSession;
    if (!good) failed += 1;
    console.log(`${good ? 'ok  ' : 'FAIL'} ${name}`);
    console.log(`     ${words().join(' → ') || 'nothing told'}${isSession ? '' : ' (of more than one session)'}`);
    if (!good) console.log(`     expected: ${expects.join(' → ') || 'nothing'}`);
    await client.deleteIngress(ingressId).catch(() => undefined);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function create(input: IngressInput, more: object = {}): Promise<IngressInfo> {
  const who = { roomName: ROOM, participantIdentity: 'cam', participantName: 'Camera' };
  const info = await client.createIngress(input, { name: 'order', ...who, ...more } as never);
  return info;
}

async function reaches({ ingressId }: IngressInfo, status: Status, withinMs = 20_000): Promise<void> {
  await eventually(
    `${Status[status]}`,
    async () => (await client.listIngress({ ingressId }))[0]?.state?.status === status,
    withinMs,
  );
}

function encode(info: IngressInfo): Source & { ended: Promise<void> } {
  const input = '-hide_banner -loglevel quiet -re -f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i sine'.split(
    ' ',
  );
  const codecs = '-pix_fmt yuv420p -c:v libx264 -preset ultrafast -tune zerolatency -g 30 -c:a aac -f flv'.split(' ');
  const child = spawn('ffmpeg', [...input, ...codecs, `${info.url}/${info.streamKey}`], { stdio: 'ignore' });
  running.push(child);
  const ended = once(child, 'exit').then(() => undefined);
  return {
    ended,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Sound alone, through the same hands that our own media processes use. */
async function publishByWhip(info: IngressInfo): Promise<Source> {
  polyfillWithResolvers();
  const opus = await OpusEncoder.open();
  const nothing = () => undefined;
  const out = await RoomOut.open({
    join: whipJoin(info.url, info.streamKey),
    layers: [UNKNOWN_LAYER],
    nowMs: () => performance.now(),
    events: { onKeyRequest: nothing, onLayersWanted: nothing, onEnded: nothing },
  });
  let samples = 0;
  const silence = Buffer.alloc(OPUS_FRAME_SAMPLES * 4);
  const timer = setInterval(() => {
    const packet = opus.encode(silence);
    if (packet) out.writeOpus(packet, samples);
    samples += OPUS_FRAME_SAMPLES;
  }, 20);
  return {
    async stop() {
      clearInterval(timer);
      await out.close();
      opus.close();
    },
  };
}

async function startServers(): Promise<void> {
  const start = (command: string, args: string[], env: Record<string, string> = {}) => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(command, args, {
      cwd: REPO,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { NODE_ENV: 'production', PATH, HOME, ...env },
    });
    running.push(child);
  };
  start('redis-server', ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
  await eventually('Redis answers', () => answers(redisPort));
  start(join(REPO, '.openair/bin/livekit-server'), ['--config', join(folder, 'livekit.yaml')]);
  await eventually('LiveKit answers', async () => (await fetch(livekitUrl)).ok);
  start(process.execPath, ['--import', 'tsx', 'workers/ingest/main.ts'], {
    LOG_LEVEL: 'error',
    LIVEKIT_URL: livekitUrl,
    LIVEKIT_API_KEY: KEY,
    LIVEKIT_API_SECRET: SECRET,
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    // No app: every key is LiveKit's own.
    OPENAIR_INTERNAL_URL: `http://127.0.0.1:${nobody}`,
    OPENAIR_SERVICE_SECRET: SECRET,
    OPENAIR_ALLOW_TARGETS: '127.0.0.0/8',
    INGEST_RTMP_PORT: String(rtmpPort),
    INGEST_WHIP_PORT: String(whipPort),
    INGEST_HEALTH_PORT: String(healthPort),
    INGEST_GRACE_S: String(GRACE_S),
    INGEST_TRANSCODE_IDLE: '0',
  });
  await eventually(
    'the ingest worker takes encoders',
    async () => (await fetch(`http://127.0.0.1:${healthPort}/health`)).ok,
  );
}

async function answers(port: number | undefined): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((done) => {
    const socket = connect(port ?? 0, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

/** Ports that nobody has at the moment, held together so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createTcpServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const found = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return found;
}

async function makeFilm(): Promise<Buffer> {
  const path = join(folder, 'film.mp4');
  const input = '-hide_banner -loglevel error -f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i sine -t 4'.split(
    ' ',
  );
  const codecs = '-pix_fmt yuv420p -c:v libx264 -preset ultrafast -g 30 -bf 0 -c:a aac -movflags +faststart'.split(' ');
  await once(spawn('ffmpeg', [...input, ...codecs, path], { stdio: 'inherit' }), 'exit');
  return readFileSync(path);
}
