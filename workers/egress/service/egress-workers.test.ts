import { EgressStatus } from '@livekit/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RpcError } from '#bus/rpc-error';
import { appRequest } from './fixtures/requests.ts';
import { BIG, ServiceBench } from './fixtures/service-bench.ts';

/** Workers that come and go: what becomes of their egresses. */
let bench: ServiceBench;
let livekit: ServiceBench['livekit'];
const open: ServiceBench['open'] = (...of) => bench.open(...of);
const status = (id?: string) => bench.status(id);
const becomes = (wanted: EgressStatus, id?: string) => expect.poll(() => status(id), { timeout: 10_000 }).toBe(wanted);
const stop = (id?: string) => bench.stop(id);
const stream: ServiceBench['stream'] = (...of) => bench.stream(...of);

beforeEach(async () => {
  bench = await ServiceBench.start();
  livekit = bench.livekit;
});
afterEach(async () => {
  await bench.close();
  expect(bench.lines.join('\n')).not.toMatch(/secretkey|storesecretvalue/);
});

test('a draining worker claims nothing, keeps what runs, and is idle after its end', async () => {
  const { service } = await open();
  await livekit.startEgress(appRequest());
  await becomes(EgressStatus.EGRESS_ACTIVE);
  await service.drain();
  await expect(livekit.startEgress(appRequest('EG_test2'), 1_200)).rejects.toMatchObject({ code: 'unavailable' });
  expect(service.health()).toMatchObject({ canAccept: false, egressIds: ['EG_test1'] });
  service.stopAll();
  await service.idle();
  expect(status()).toBe(EgressStatus.EGRESS_COMPLETE);
});

test('R-4: another worker goes on with an egress under its id, with its pushes, its program and its record', async () => {
  const dead = await open('', { program: BIG });
  await livekit.startEgress(appRequest('EG_test1', 'ch_1', ['rtmp://h/live/secretkey1']));
  await becomes(EgressStatus.EGRESS_ACTIVE);
  await stream(['rtmp://h/live/secretkey2'], ['rtmp://h/live/secretkey1']);
  await expect.poll(() => livekit.records.get('EG_test1')?.streamResults[1]?.startedAt ?? 0n).toBeGreaterThan(0n);
  const before = livekit.records.get('EG_test1');
  const [left] = dead.service.registered();
  if (!left) throw new Error('nothing is registered');
  expect(left.estate.toString('latin1')).not.toContain('secretkey');
  dead.service.abandon('EG_test1');

  const heir = await open();
  const full = await open('cpu_cost: { room_composite_cpu_cost: 100 }');
  const stranger = await open('', {});
  expect(full.service.canTakeOver(left)).toBe(false);
  expect(stranger.service.canTakeOver({ ...left, estate: Buffer.from('of another installation') })).toBe(false);
  expect(heir.service.canTakeOver(left)).toBe(true);
  bench.lines.length = 0;
  await heir.service.takeOver(left);
  expect(heir.service.canTakeOver(left)).toBe(false);
  expect(bench.lines.join('\n')).toContain('1920x1080@30');
  expect(heir.service.health().egressIds).toEqual(['EG_test1']);
  const again = await stream(['rtmp://h/live/secretkey3']);
  expect(again.status).toBe(EgressStatus.EGRESS_ACTIVE);
  expect(again.startedAt).toBe(before?.startedAt);
  expect(again.streamResults.map((one) => one.url)).toEqual([
    'rtmp://h/live/{sec...ey1}',
    'rtmp://h/live/{sec...ey2}',
    'rtmp://h/live/{sec...ey3}',
  ]);
  expect(again.streamResults.map((one) => one.status)).toEqual([1, 0, 0]);
  await stop();
  await becomes(EgressStatus.EGRESS_COMPLETE);
  await Promise.all([dead.service.idle(), heir.service.idle()]);
  expect(livekit.webhooks.filter((event) => event === 'egress_started')).toHaveLength(1);
  expect(livekit.webhooks.filter((event) => event === 'egress_ended')).toHaveLength(1);
});

test('a stop that a dead worker could not finish is finished by its successor', async () => {
  const dead = await open();
  await livekit.startEgress(appRequest('EG_test1', 'deaf'));
  await becomes(EgressStatus.EGRESS_ACTIVE);
  await stop();
  const [left] = dead.service.registered();
  if (!left) throw new Error('nothing is registered');
  dead.service.abandon('EG_test1');
  const heir = await open();
  await heir.service.takeOver(left);
  expect(heir.service.registered()[0]?.info.status).toBe(EgressStatus.EGRESS_ENDING);
});

test('a worker whose egress another one has answers no stop for it and sends nothing of it, not even what waited to be sent', async () => {
  const { service } = await open();
  await livekit.startEgress(appRequest('EG_test1', 'lost'));
  await becomes(EgressStatus.EGRESS_ACTIVE);
  livekit.fail((method) => {
    if (method === 'UpdateEgress') throw new RpcError('internal', 'redis is away');
  });
  await stream(['rtmp://h/live/secretkey1']);
  await expect.poll(() => bench.lines.join('\n')).toContain('an egress report was not taken');
  await expect.poll(() => service.health().egressIds).toEqual([]);
  await service.idle();
  livekit.fail(() => undefined);
  const called = [...livekit.calls];
  await expect(stop()).rejects.toMatchObject({ code: 'unavailable' });
  expect(livekit.calls).toEqual(called);
  expect(status()).toBe(EgressStatus.EGRESS_ACTIVE);
});

test('a worker that is to end does not wait for a start that has failed', async () => {
  const asked: ((error: Error) => void)[] = [];
  const { service } = await open('', {
    sceneProgram: () =>
      new Promise((_, reject) => {
        asked.push(reject);
      }),
  });
  const started = livekit.startEgress(appRequest()).catch((error: RpcError) => error.code);
  await expect.poll(() => asked.length).toBe(1);
  await service.drain();
  const idle = service.idle();
  asked[0]?.(new Error('the room cannot be read'));
  expect(await started).toBe('internal');
  await idle;
});

test('the bus being away for a while loses no state', async () => {
  await open();
  await livekit.startEgress(appRequest());
  livekit.wires.cut();
  await expect.poll(() => bench.lines.join('\n'), { timeout: 5_000 }).toContain('an egress report was not taken');
  expect(status()).toBe(EgressStatus.EGRESS_STARTING);
  livekit.wires.mend();
  await becomes(EgressStatus.EGRESS_ACTIVE);
});
