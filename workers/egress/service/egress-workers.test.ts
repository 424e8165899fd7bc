import { EgressStatus } from '@livekit/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RpcError } from '#bus/rpc-error';
import { appRequest } from './fixtures/requests.ts';
import { BIG, ServiceBench } from './fixtures/service-bench.ts';

/** Workers that come and go: what becomes of their egresses. */
let bench: ServiceBench;
beforeEach(async () => {
  bench = await ServiceBench.start();
});
afterEach(async () => {
  await bench.close();
  expect(bench.lines.join('\n')).not.toMatch(/secretkey|storesecretvalue/);
});

test('a draining worker claims nothing, keeps what runs, and is idle after its end', async () => {
  const { service } = await bench.open();
  await bench.livekit.startEgress(appRequest());
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
  await service.drain();
  await expect(bench.livekit.startEgress(appRequest('EG_test2'), 1_200)).rejects.toMatchObject({ code: 'unavailable' });
  expect(service.health()).toMatchObject({ canAccept: false, egressIds: ['EG_test1'] });
  service.stopAll();
  await service.idle();
  expect(bench.status()).toBe(EgressStatus.EGRESS_COMPLETE);
});

test('R-4: another worker goes on with an egress under its id, with its pushes, its program and its record', async () => {
  const dead = await bench.open('', { program: BIG });
  await bench.livekit.startEgress(appRequest('EG_test1', 'ch_1', ['rtmp://h/live/secretkey1']));
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
  await bench.stream(['rtmp://h/live/secretkey2'], ['rtmp://h/live/secretkey1']);
  await expect.poll(() => bench.livekit.records.get('EG_test1')?.streamResults[1]?.startedAt ?? 0n).toBeGreaterThan(0n);
  const before = bench.livekit.records.get('EG_test1');
  const [left] = dead.service.registered();
  if (!left) throw new Error('nothing is registered');
  expect(left.estate.toString('latin1')).not.toContain('secretkey');
  dead.service.abandon('EG_test1');

  const heir = await bench.open();
  const full = await bench.open('cpu_cost: { room_composite_cpu_cost: 100 }');
  const stranger = await bench.open('', {});
  expect(full.service.canTakeOver(left)).toBe(false);
  expect(stranger.service.canTakeOver({ ...left, estate: Buffer.from('of another installation') })).toBe(false);
  expect(heir.service.canTakeOver(left)).toBe(true);
  bench.lines.length = 0;
  await heir.service.takeOver(left);
  expect(heir.service.canTakeOver(left)).toBe(false);
  expect(bench.lines.join('\n')).toContain('1920x1080@30');
  expect(heir.service.health().egressIds).toEqual(['EG_test1']);
  const again = await bench.stream(['rtmp://h/live/secretkey3']);
  expect(again.status).toBe(EgressStatus.EGRESS_ACTIVE);
  expect(again.startedAt).toBe(before?.startedAt);
  expect(again.streamResults.map((one) => one.url)).toEqual([
    'rtmp://h/live/{sec...ey1}',
    'rtmp://h/live/{sec...ey2}',
    'rtmp://h/live/{sec...ey3}',
  ]);
  expect(again.streamResults.map((one) => one.status)).toEqual([1, 0, 0]);
  await bench.stop();
  await bench.becomes(EgressStatus.EGRESS_COMPLETE);
  await Promise.all([dead.service.idle(), heir.service.idle()]);
  expect(bench.livekit.webhooks.filter((event) => event === 'egress_started')).toHaveLength(1);
  expect(bench.livekit.webhooks.filter((event) => event === 'egress_ended')).toHaveLength(1);
});

test('R-2: what an egress crashed on before stays left out on the worker that goes on with it', async () => {
  const dead = await bench.open();
  await bench.livekit.startEgress(appRequest('EG_test1', 'frail'));
  const crashes = () => bench.lines.filter((line) => line.startsWith('a pipeline process ended by itself')).length;
  await expect.poll(crashes, { timeout: 15_000 }).toBe(3);
  const ticks = ({ service }: typeof dead) => service.inspect()[0]?.ticks ?? 0;
  /** More of them than any process had before it crashed. */
  const lives = (worker: typeof dead, from = ticks(worker)) =>
    expect.poll(() => ticks(worker), { timeout: 15_000 }).toBeGreaterThan(from + 30);
  await lives(dead);
  const [left] = dead.service.registered();
  if (!left) throw new Error('nothing is registered');
  dead.service.abandon('EG_test1');
  const heir = await bench.open();
  await heir.service.takeOver(left);
  await lives(heir);
  expect(crashes()).toBe(3);
});

test('a stop that a dead worker could not finish is finished by its successor', async () => {
  const dead = await bench.open();
  await bench.livekit.startEgress(appRequest('EG_test1', 'deaf'));
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
  await bench.stop();
  const [left] = dead.service.registered();
  if (!left) throw new Error('nothing is registered');
  dead.service.abandon('EG_test1');
  const heir = await bench.open();
  await heir.service.takeOver(left);
  expect(heir.service.registered()[0]?.info.status).toBe(EgressStatus.EGRESS_ENDING);
});

test('a worker whose egress another one has answers no stop for it and sends nothing of it, not even what waited to be sent', async () => {
  const { service } = await bench.open();
  await bench.livekit.startEgress(appRequest('EG_test1', 'lost'));
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
  bench.livekit.fail((method) => {
    if (method === 'UpdateEgress') throw new RpcError('internal', 'redis is away');
  });
  await bench.stream(['rtmp://h/live/secretkey1']);
  await expect.poll(() => bench.lines.join('\n')).toContain('an egress report was not taken');
  await expect.poll(() => service.health().egressIds).toEqual([]);
  await service.idle();
  bench.livekit.fail(() => undefined);
  const called = [...bench.livekit.calls];
  await expect(bench.stop()).rejects.toMatchObject({ code: 'unavailable' });
  expect(bench.livekit.calls).toEqual(called);
  expect(bench.status()).toBe(EgressStatus.EGRESS_ACTIVE);
});

test('a worker that is to end does not wait for a start that has failed', async () => {
  const asked: ((error: Error) => void)[] = [];
  const { service } = await bench.open('', {
    sceneProgram: () =>
      new Promise((_, reject) => {
        asked.push(reject);
      }),
  });
  const started = bench.livekit.startEgress(appRequest()).catch((error: RpcError) => error.code);
  await expect.poll(() => asked.length).toBe(1);
  await service.drain();
  const idle = service.idle();
  asked[0]?.(new Error('the room cannot be read'));
  expect(await started).toBe('internal');
  await idle;
});

test('the bus being away for a while loses no state', async () => {
  await bench.open();
  await bench.livekit.startEgress(appRequest());
  bench.livekit.wires.cut();
  await expect.poll(() => bench.lines.join('\n'), { timeout: 5_000 }).toContain('an egress report was not taken');
  expect(bench.status()).toBe(EgressStatus.EGRESS_STARTING);
  bench.livekit.wires.mend();
  await bench.becomes(EgressStatus.EGRESS_ACTIVE);
});
