import {
  DirectFileOutput,
  EgressSourceType,
  EgressStatus,
  EncodedFileOutput,
  ImageOutput,
  StopEgressRequest,
  TrackEgressRequest,
} from '@livekit/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appRequest } from './fixtures/requests.ts';
import { BIG, ServiceBench } from './fixtures/service-bench.ts';
import { startHealthServer } from './health-server.ts';

/** The service with real child processes (a pipeline without media) behind livekit-server's twin. */
let bench: ServiceBench;
beforeEach(async () => {
  bench = await ServiceBench.start();
});
afterEach(async () => {
  await bench.close();
  expect(bench.lines.join('\n')).not.toMatch(/secretkey|storesecretvalue/);
});

test('an egress starts, plays, takes pushes, stops and is reported as LiveKit reports it', async () => {
  const { service } = await bench.open();
  const info = await bench.livekit.startEgress(appRequest('EG_test1', 'ch_1', ['rtmp://h/live/secretkey1']));
  expect(info).toMatchObject({ egressId: 'EG_test1', status: EgressStatus.EGRESS_STARTING });
  expect(bench.livekit.calls[0]).toBe('create 0');
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
  expect(service.health()).toMatchObject({ canAccept: true, egressIds: ['EG_test1'] });
  await expect.poll(() => bench.livekit.records.get('EG_test1')?.streamResults[0]?.startedAt ?? 0n).toBeGreaterThan(0n);

  expect((await bench.stream(['rtmp://h/live/secretkey2', 'rtmp://h/live/secretkey2'])).streamResults).toHaveLength(2);
  const removed = await bench.stream([], ['rtmp://h/live/secretkey1']);
  expect(removed.streamResults.map((one) => one.status)).toEqual([1, 0]);

  expect((await bench.stop()).status).toBe(EgressStatus.EGRESS_ENDING);
  await bench.becomes(EgressStatus.EGRESS_COMPLETE);
  // Stopping what has ended is answered with its last state.
  expect((await bench.stop()).status).toBe(EgressStatus.EGRESS_COMPLETE);
  await expect(bench.stream(['rtmp://h/live/secretkey3'])).rejects.toMatchObject({ code: 'failed_precondition' });
  await service.idle();
  expect(bench.livekit.webhooks[0]).toBe('egress_started');
  expect(bench.livekit.webhooks.filter((event) => event === 'egress_ended')).toHaveLength(1);
  expect(service.health().egressIds).toEqual([]);
});

test('bad stream addresses are told together and the good ones take effect', async () => {
  await bench.open();
  await bench.livekit.startEgress(appRequest());
  const refusal = await bench
    .stream(['http://h/a/k', 'rtmp://h/live/secretkey1'], ['rtmp://h/live/nosuchkey'])
    .catch((e: Error) => e);
  expect(refusal).toMatchObject({
    code: 'invalid_argument',
    message:
      'a stream url to remove is not one of this egress; give the full url\na stream url must begin with rtmp://, rtmps:// or srt://',
  });
  expect((await bench.stream([])).streamResults).toHaveLength(1);
});

const trackRequest = (trackId: string) => ({
  egressId: 'EG_test1',
  roomId: 'RM_1',
  request: {
    kind: 'track' as const,
    value: new TrackEgressRequest({
      roomName: 'r',
      trackId,
      output: { case: 'file', value: new DirectFileOutput({ filepath: 'takes/' }) },
    }),
  },
});

test('a track egress looks its track up and is told at once when it is not there', async () => {
  await bench.open();
  await expect(bench.livekit.startEgress(trackRequest('TR_gone'))).rejects.toMatchObject({ code: 'not_found' });
  expect(bench.livekit.records.size).toBe(0);
  const info = await bench.livekit.startEgress(trackRequest('TR_pic'));
  expect(info.fileResults[0]?.filename).toMatch(/^takes\/TR_pic-.*\.mp4$/);
  expect(info.sourceType).toBe(EgressSourceType.SDK);
});

test('what the pipeline stored is told with the end', async () => {
  await bench.open();
  const more = {
    fileOutputs: [new EncodedFileOutput({ filepath: 'take' })],
    imageOutputs: [new ImageOutput({ filenamePrefix: 'thumb' })],
  };
  await bench.livekit.startEgress(appRequest('EG_test1', 'ch_1', [], more));
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
  await bench.stop();
  await bench.becomes(EgressStatus.EGRESS_COMPLETE);
  expect(bench.livekit.records.get('EG_test1')).toMatchObject({
    fileResults: [
      { filename: 'take.mp4', location: 'http://127.0.0.1:2/openair/take.mp4', size: 4_096n, duration: 2_000_000_000n },
    ],
    imageResults: [{ filenamePrefix: 'thumb', imageCount: 3n }],
    manifestLocation: 'http://127.0.0.1:2/openair/EG_test1.json',
    result: { case: undefined },
  });
});

test('the same start twice is one egress', async () => {
  const { pids } = await bench.open();
  const [a, b] = await Promise.all([bench.livekit.startEgress(appRequest()), bench.livekit.startEgress(appRequest())]);
  expect(a.egressId).toBe(b.egressId);
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
  expect((await bench.livekit.startEgress(appRequest())).status).toBe(EgressStatus.EGRESS_ACTIVE);
  expect(pids).toHaveLength(1);
});

test("the scene's program replaces the request's encoding and decides the cost", async () => {
  await bench.open('', { program: BIG });
  await bench.livekit.startEgress(appRequest());
  await expect.poll(() => bench.lines.join('\n')).toContain('1920x1080@30');
});

test('without room a start is refused with the reason', async () => {
  await bench.open('cpu_cost: { room_composite_cpu_cost: 100 }');
  const refusal = await bench.livekit.startEgress(appRequest()).catch((e: Error) => e);
  expect(refusal).toMatchObject({
    code: 'failed_precondition',
    message: expect.stringContaining('100 cores are needed, 1.6 of 1.6 are free'),
  });
  expect(bench.livekit.records.size).toBe(0);
});

test('as many start at one moment as there is room for, each counted once', async () => {
  await bench.open('cpu_cost: { room_composite_cpu_cost: 0.39 }');
  const starts = ['EG_a', 'EG_b', 'EG_c', 'EG_d'].map((egressId) => bench.livekit.startEgress(appRequest(egressId)));
  const started = await Promise.all(starts);
  expect(started.map(({ status }) => status)).toEqual(Array(4).fill(EgressStatus.EGRESS_STARTING));
});

test('a full worker leaves the start to one with room', async () => {
  await bench.open('cpu_cost: { room_composite_cpu_cost: 100 }');
  await bench.open();
  expect((await bench.livekit.startEgress(appRequest())).status).toBe(EgressStatus.EGRESS_STARTING);
});

test('a request that cannot be is refused at once and leaves no record', async () => {
  await bench.open();
  await expect(bench.livekit.startEgress(appRequest('EG_test1', 'r', [], { layout: 'spiral' }))).rejects.toMatchObject({
    code: 'invalid_argument',
  });
  await expect(
    bench.livekit.startEgress(appRequest('EG_test1', 'r', [], { customBaseUrl: 'https://x.example' })),
  ).rejects.toMatchObject({
    code: 'unimplemented',
  });
  expect(bench.livekit.records.size).toBe(0);
});

test('a child killed from outside is started again and the egress stays active', async () => {
  const { pids } = await bench.open();
  await bench.livekit.startEgress(appRequest());
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
  process.kill(pids[0]!, 'SIGKILL');
  await expect.poll(() => pids.length).toBe(2);
  expect((await bench.stop()).status).toBe(EgressStatus.EGRESS_ENDING);
  await bench.becomes(EgressStatus.EGRESS_COMPLETE);
});

test('a child that keeps crashing fails the egress with a reason', async () => {
  await bench.open();
  await bench.livekit.startEgress(appRequest('EG_test1', 'crash'));
  await bench.becomes(EgressStatus.EGRESS_FAILED);
  expect(bench.livekit.records.get('EG_test1')).toMatchObject({
    error: 'the pipeline crashed 3 times in 60 s',
    errorCode: 500,
  });
});

test('a child that hangs is killed and replaced', async () => {
  const { pids } = await bench.open();
  await bench.livekit.startEgress(appRequest('EG_test1', 'hang'));
  await expect.poll(() => pids.length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(bench.lines.join('\n')).toContain('is silent and is killed');
});

test('a pipeline that ends with an error fails the egress with its sentence', async () => {
  await bench.open();
  await bench.livekit.startEgress(appRequest('EG_test1', 'fail'));
  await bench.becomes(EgressStatus.EGRESS_FAILED);
  expect(bench.livekit.records.get('EG_test1')?.error).toBe('the encoder could not be opened');
});

test('a session limit ends the egress as LIMIT_REACHED', async () => {
  await bench.open('session_limits: { segment_output_max_duration: 150ms }');
  await bench.livekit.startEgress(appRequest());
  await bench.becomes(EgressStatus.EGRESS_LIMIT_REACHED);
  expect(bench.livekit.records.get('EG_test1')).toMatchObject({
    errorCode: 413,
    details: 'End reason: Session limit reached',
  });
});

test('a stop before the first picture aborts', async () => {
  await bench.open();
  await bench.livekit.startEgress(appRequest());
  await bench.stop();
  await bench.becomes(EgressStatus.EGRESS_ABORTED);
  expect(bench.livekit.records.get('EG_test1')?.errorCode).toBe(412);
});

test('health and metrics show ids and no secrets', async () => {
  const { service, metrics } = await bench.open();
  const health = await startHealthServer({ service, metrics, isDraining: () => false }, '127.0.0.1', [0, 0, null]);
  const get = (path: string) => fetch(`http://127.0.0.1:${health.ports[0]}${path}`);
  expect(health.ports).toHaveLength(1);
  await bench.livekit.startEgress(appRequest('EG_test1', 'ch_1', ['rtmp://h/live/secretkey1']));
  expect(await (await get('/anything')).json()).toEqual({ CpuLoad: 2, egresses: ['EG_test1'] });
  const text = await (await get('/metrics')).text();
  for (const line of [
    'livekit_egress_available 0',
    'livekit_egress_can_accept_request 1',
    'livekit_egress_requests{type="room_composite"} 1',
    'livekit_node_cpu_load 2',
  ]) {
    expect(text).toContain(line);
  }
  expect([(await get('/livez')).status, (await get('/readyz')).status]).toEqual([200, 200]);
  bench.livekit.wires.cut();
  expect([(await get('/livez')).status, (await get('/readyz')).status, (await get('/')).status]).toEqual([
    200, 503, 503,
  ]);
  bench.livekit.wires.mend();
  await service.drain();
  expect((await get('/')).status).toBe(503);
  await health.close();
});

test('the inspect page shows what runs, without keys, and nothing of what has ended', async () => {
  const { service, metrics } = await bench.open();
  const health = await startHealthServer({ service, metrics, isDraining: () => false }, '127.0.0.1', [0]);
  const get = (path: string) => fetch(`http://127.0.0.1:${health.ports[0]}${path}`);
  await bench.livekit.startEgress(appRequest('EG_test1', 'ch_1', ['rtmp://h/live/secretkey1']));
  const told = async () => (await get('/inspect/EG_test1.json')).json();
  await expect.poll(async () => (await told()).facts?.lastMsn, { timeout: 10_000 }).toBe(7);
  await expect.poll(async () => (await told()).destinations[0]?.report?.state).toBe('pushing');
  expect(await told()).toMatchObject({
    roomName: 'ch_1',
    status: 'active',
    composedFps: 30,
    process: { cpuCores: 0.1, restarts: 0 },
  });
  const pages = [await told(), await (await get('/inspect/EG_test1')).text(), await (await get('/metrics')).text()];
  expect(JSON.stringify(pages)).not.toContain('secretkey1');
  expect(pages[1]).toContain('host_&lt;b&gt;one');
  expect(pages[2]).toContain('openair_egress_encode_seconds{egress_id="EG_test1",rung="720p"} 0.008');
  expect(pages[2]).toContain('openair_egress_output_state{egress_id="EG_test1",output="feed",state="writing"} 1');
  const picture = await get('/inspect/EG_test1.jpg');
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);

  await bench.livekit.handler('StopEgress', 'EG_test1', new StopEgressRequest({ egressId: 'EG_test1' }));
  await bench.becomes(EgressStatus.EGRESS_COMPLETE);
  expect(await (await get('/metrics')).text()).not.toContain('EG_test1');
  for (const path of ['/inspect/EG_test1', '/inspect/EG_test1.jpg']) expect((await get(path)).status).toBe(404);
  await health.close();
});
