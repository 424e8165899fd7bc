import { createServer, type RequestListener, type Server } from 'node:http';
import { Empty } from '@bufbuild/protobuf';
import {
  IngressInfo,
  IngressInput,
  type IngressState,
  IngressState_Status,
  IngressVideoOptions,
  IngressState as State,
  VideoCodec,
} from '@livekit/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemorySwitch } from '#bus/memory-wire';
import { type Bus, joinBus } from '#bus/open-bus';
import { MessageWriter, readBytes, readText, visitFields } from '#bus/protobuf-fields';
import { RpcError } from '#bus/rpc-error';
import { createKeyLookup } from './keys.ts';
import type { IngestReport, IngestTarget } from './ports.ts';
import { createIngestReports } from './reports.ts';

/** Both sides the ingest worker speaks to: the web's internal API over real HTTP, livekit-server's twin over the memory bus. */
const quiet = { warn: () => undefined, error: () => undefined };
const channelTarget = {
  ingressId: 'IN_1',
  roomName: 'ch_1',
  identity: 'enc_primary',
  name: 'Encoder',
  channelId: 'ch_1',
};

/** What the look-up adds when LiveKit's record sets nothing. */
const plain = {
  metadata: '',
  wishes: { video: null, audio: null },
  secondEncoder: 'take-over' as const,
  record: false,
};

const GetIngressInfo = {
  fromBinary(bytes: Uint8Array) {
    let key = '';
    visitFields(bytes, (f) => {
      if (f.field !== 1 && f.field !== 2) return false;
      key = readText(f);
      return true;
    });
    return key;
  },
};
const UpdateIngressState = {
  fromBinary(bytes: Uint8Array) {
    const out: { id: string; state: IngressState | null } = { id: '', state: null };
    visitFields(bytes, (f) => {
      if (f.field === 1) out.id = readText(f);
      else if (f.field === 2) out.state = State.fromBinary(readBytes(f));
      else return false;
      return true;
    });
    return out;
  },
};

let wires: ReturnType<typeof createMemorySwitch>;
let bus: Bus;
let livekit: Bus;
let web: Server;
let internalUrl: string;
let onWeb: RequestListener;
let asked: { path: string; authorization: string | undefined; body: Record<string, unknown> }[];
let ingresses: Map<string, IngressInfo>;
let states: { id: string; state: IngressState | null }[];
let livekitFails: RpcError | null;
let lines: string[];

const note = (facts: object, message: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
const log = { info: note, warn: note, error: note };
const deps = () => ({ bus, internalUrl, serviceSecret: 'service-secret', log, firstBackOffMs: 1 });
const answer =
  (status: number, body?: unknown): RequestListener =>
  (_request, response) => {
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(body === undefined ? '' : JSON.stringify(body));
  };
const notFound = answer(404, { error: { code: 'not-found', message: 'no such key' } });

beforeEach(async () => {
  wires = createMemorySwitch();
  bus = joinBus(wires.plug(), quiet);
  livekit = joinBus(wires.plug(), quiet);
  [asked, states, lines, livekitFails] = [[], [], [], null];
  ingresses = new Map();
  onWeb = notFound;
  web = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push({ path: request.url ?? '', authorization: request.headers.authorization, body: JSON.parse(body) });
      onWeb(request, response);
    });
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const address = web.address();
  internalUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  await livekit.serve({
    service: 'IOInfo',
    method: 'GetIngressInfo',
    topic: '',
    request: GetIngressInfo,
    handle: async (key) => {
      if (livekitFails) throw livekitFails;
      const info = ingresses.get(key);
      if (!info) throw new RpcError('not_found', 'ingress does not exist');
      return { toBinary: () => new MessageWriter().message(1, info.toBinary()).finish() };
    },
  });
  await livekit.serve({
    service: 'IOInfo',
    method: 'UpdateIngressState',
    topic: '',
    request: UpdateIngressState,
    handle: async (update) => {
      if (livekitFails) throw livekitFails;
      states.push(update);
      return new Empty();
    },
  });
});
afterEach(async () => {
  await bus.close();
  await livekit.close();
  web.closeAllConnections();
  await new Promise((resolve) => web.close(resolve));
  expect(lines.join('\n')).not.toMatch(/hunter2|service-secret/);
});

describe('keys', () => {
  const ask = (streamKey = 'key-hunter2', address = '10.0.0.1', protocol: 'rtmp' | 'whip' | 'srt' = 'rtmp') =>
    createKeyLookup(deps()).resolve({ streamKey, protocol, address });
  const ingress = (more: Partial<IngressInfo> = {}) =>
    new IngressInfo({
      ingressId: 'IN_9',
      inputType: IngressInput.RTMP_INPUT,
      roomName: 'room',
      participantIdentity: 'cam',
      ...more,
    });

  test("a channel's key is found by the web, asked with the service secret", async () => {
    onWeb = answer(200, channelTarget);
    expect(await ask()).toEqual({ ...channelTarget, ...plain, source: 'channel' });
    expect(asked).toEqual([
      {
        path: '/api/internal/ingest/resolve',
        authorization: 'Bearer service-secret',
        body: { streamKey: 'key-hunter2' },
      },
    ]);
  });

  test("a key the web does not know may be LiveKit's own", async () => {
    ingresses.set('key-hunter2', ingress({ participantName: 'Camera 1' }));
    expect(await ask()).toEqual({
      ingressId: 'IN_9',
      roomName: 'room',
      identity: 'cam',
      name: 'Camera 1',
      channelId: null,
      source: 'livekit',
      ...plain,
    });
  });

  test("a channel's ingress that was switched off bars its encoder, in words, though the key is right", async () => {
    onWeb = answer(200, channelTarget);
    ingresses.set('IN_1', ingress({ ingressId: 'IN_1', enabled: false }));
    expect(await ask()).toEqual({ refused: 'This channel takes no encoder at the moment: it was switched off.' });
    ingresses.set('IN_1', ingress({ ingressId: 'IN_1', enabled: true, participantMetadata: '{"seat":1}' }));
    expect(await ask()).toMatchObject({ ...channelTarget, metadata: '{"seat":1}' });
  });

  test('the encoding an ingress sets comes with its key, and one that is not offered is refused in words', async () => {
    const options = (videoCodec: VideoCodec) =>
      ingress({
        video: new IngressVideoOptions({ encodingOptions: { case: 'options', value: { videoCodec, frameRate: 50 } } }),
      });
    ingresses.set('key-hunter2', options(VideoCodec.H264_HIGH));
    expect(await ask()).toMatchObject({ wishes: { video: { fps: 50, profile: 'high' }, audio: null } });
    ingresses.set('key-hunter2', options(VideoCodec.VP8));
    expect(await ask()).toEqual({ refused: 'Video codec VP8 is not offered: choose H.264.' });
  });

  test('a WHIP ingress that wants transcoding is refused in words', async () => {
    ingresses.set('key-hunter2', ingress({ inputType: IngressInput.WHIP_INPUT, enableTranscoding: true }));
    expect(await ask('key-hunter2', '10.0.0.1', 'whip')).toEqual({
      refused: expect.stringContaining('switch enable_transcoding off'),
    });
  });

  test("an RTMP ingress's key works over SRT too", async () => {
    ingresses.set('key-hunter2', ingress());
    expect(await ask('key-hunter2', '10.0.0.1', 'srt')).toMatchObject({ source: 'livekit' });
  });

  test('a key nobody knows, a disabled ingress and one of another protocol are all the same unknown', async () => {
    expect(await ask()).toBe('unknown');
    ingresses.set('key-hunter2', ingress({ enabled: false }));
    expect(await ask()).toBe('unknown');
    ingresses.set('key-hunter2', ingress({ inputType: IngressInput.WHIP_INPUT }));
    expect(await ask()).toBe('unknown');
    ingresses.set('key-hunter2', ingress({ roomName: '' }));
    expect(await ask()).toBe('unknown');
  });

  test('an implausible key is refused without asking anyone', async () => {
    for (const key of ['', 'abc', 'a'.repeat(300), 'with space hunter2', 'new\nline'])
      expect(await ask(key)).toBe('unknown');
    expect(asked).toEqual([]);
  });

  test("while the web is away LiveKit's keys still work, and others are unavailable, not unknown", async () => {
    onWeb = answer(503);
    ingresses.set('livekit-key', ingress());
    expect(await ask('livekit-key')).toMatchObject({ source: 'livekit' });
    expect(await ask()).toBe('unavailable');
    onWeb = answer(404);
    expect(await ask()).toBe('unavailable');
    onWeb = answer(200, { ingressId: '' });
    expect(await ask()).toBe('unavailable');
  });

  test('while LiveKit is away channel keys still work, and others are unavailable', async () => {
    livekitFails = new RpcError('internal', 'redis is away');
    expect(await ask()).toBe('unavailable');
    wires.cut();
    expect(await ask()).toBe('unavailable');
    onWeb = answer(200, channelTarget);
    expect(await ask()).toMatchObject({ source: 'channel' });
  });

  test('the sixth wrong key in a minute is not looked up any more, and takes as long', async () => {
    const keys = createKeyLookup(deps());
    const resolve = (streamKey: string) => keys.resolve({ streamKey, protocol: 'rtmp', address: '10.0.0.1' });
    await Promise.all(Array.from({ length: 5 }, (_, i) => resolve(`wrong-${i}`)));
    expect(asked).toHaveLength(5);
    onWeb = answer(200, channelTarget);
    const begun = performance.now();
    expect(await resolve('wrong-6')).toBe('unknown');
    expect(performance.now() - begun).toBeGreaterThan(200);
    expect(asked).toHaveLength(5);
    expect(lines.join('\n')).toContain('too many wrong stream keys from this address');
    expect(await keys.resolve({ streamKey: 'key-hunter2', protocol: 'rtmp', address: '10.0.0.2' })).toMatchObject({
      source: 'channel',
    });
  });

  test("an outage uses up nobody's tries", async () => {
    onWeb = answer(500);
    livekitFails = new RpcError('internal', 'away');
    const keys = createKeyLookup(deps());
    const resolve = () => keys.resolve({ streamKey: 'key-hunter2', protocol: 'rtmp' as const, address: '10.0.0.1' });
    for (let i = 0; i < 8; i++) expect(await resolve()).toBe('unavailable');
    onWeb = answer(200, channelTarget);
    expect(await resolve()).toMatchObject({ source: 'channel' });
  });
});

describe('reports', () => {
  const target: IngestTarget = { ...channelTarget, ...plain, source: 'channel' };
  const facts: IngestReport = {
    state: 'publishing',
    protocol: 'rtmp',
    sentence: 'OBS is connected: 1280x720, 30 fps.',
    video: { mimeType: 'video/h264', width: 1280, height: 720, fps: 30, bitrateKbps: 2500 },
    audio: { mimeType: 'audio/aac', channels: 2, sampleRate: 48_000, bitrateKbps: 160 },
  };
  const made = (now = () => 5_000) => createIngestReports({ ...deps(), now });
  beforeEach(() => {
    onWeb = answer(204);
  });

  test('LiveKit gets the state with its facts, the web gets the sentence', async () => {
    let now = 1_000;
    const reports = made(() => now);
    reports.report(target, { ...facts, state: 'connecting', video: null });
    await reports.flush(1_000);
    now = 2_000;
    reports.report(target, facts);
    await reports.flush(1_000);
    now = 9_000;
    reports.report(target, { state: 'idle', protocol: 'rtmp', sentence: 'The encoder left.' });
    await reports.flush(1_000);
    expect(states.map(({ state }) => state?.status)).toEqual([
      IngressState_Status.ENDPOINT_BUFFERING,
      IngressState_Status.ENDPOINT_PUBLISHING,
      IngressState_Status.ENDPOINT_INACTIVE,
    ]);
    expect(states[1]).toMatchObject({
      id: 'IN_1',
      state: {
        startedAt: 1_000_000_000n,
        endedAt: 0n,
        updatedAt: 2_000_000_000n,
        video: { mimeType: 'video/h264', width: 1280, height: 720, framerate: 30, averageBitrate: 2_500_000 },
        audio: { mimeType: 'audio/aac', channels: 2, sampleRate: 48_000, averageBitrate: 160_000 },
      },
    });
    expect(states[2]?.state).toMatchObject({ startedAt: 1_000_000_000n, endedAt: 9_000_000_000n });
    expect(asked.map(({ path, body }) => [path, body.state, body.channelId])).toEqual([
      ['/api/internal/ingest/report', 'connecting', 'ch_1'],
      ['/api/internal/ingest/report', 'publishing', 'ch_1'],
      ['/api/internal/ingest/report', 'idle', 'ch_1'],
    ]);
    reports.close();
  });

  test("a LiveKit ingress that is no channel's is told to LiveKit alone", async () => {
    const reports = made();
    reports.report(
      { ...target, channelId: null, source: 'livekit' },
      { ...facts, state: 'failed', error: 'bad codec' },
    );
    await reports.flush(1_000);
    expect(states[0]?.state).toMatchObject({ status: IngressState_Status.ENDPOINT_ERROR, error: 'bad codec' });
    expect(asked).toEqual([]);
  });

  test('one side being away does not hold the other up, and gets only the newest state when it is back', async () => {
    const reports = made();
    onWeb = answer(503);
    reports.report(target, { ...facts, state: 'connecting' });
    await expect.poll(() => states.length).toBe(1);
    await expect.poll(() => asked.length).toBeGreaterThan(1);
    reports.report(target, facts);
    await expect.poll(() => states.length).toBe(2);
    onWeb = answer(204);
    await reports.flush(2_000);
    expect(asked.at(-1)?.body.state).toBe('publishing');
    livekitFails = new RpcError('internal', 'away');
    reports.report(target, { ...facts, state: 'idle' });
    await expect.poll(() => lines.filter((line) => line.includes('"to":"livekit"')).length).toBeGreaterThan(1);
    livekitFails = null;
    await reports.flush(2_000);
    expect(states.at(-1)?.state?.status).toBe(IngressState_Status.ENDPOINT_INACTIVE);
  });

  test('what cannot be cured is given up: a deleted ingress, a report the web refuses', async () => {
    const reports = made();
    livekitFails = new RpcError('not_found', 'ingress does not exist');
    onWeb = answer(400);
    reports.report(target, facts);
    await reports.flush(2_000);
    expect(asked).toHaveLength(1);
    expect(lines.filter((line) => line.includes('"willRetry":false'))).toHaveLength(2);
  });

  test('flush gives up at its time limit', async () => {
    const reports = made();
    wires.cut();
    onWeb = answer(503);
    reports.report(target, facts);
    // It would be asked again for ever.
    await reports.flush(80);
    reports.close();
  });
});
