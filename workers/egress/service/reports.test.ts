import { EgressStatus } from '@livekit/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RpcError } from '#bus/rpc-error';
import { becomeActive, becomeEnding, beginEgress, endEgress } from './egress-state.ts';
import { createLiveKitTwin } from './fixtures/livekit-twin.ts';
import { appRequest, testConfig } from './fixtures/requests.ts';
import { createEgressReports } from './reports.ts';
import { acceptRequest } from './requests.ts';

const request = appRequest();
const first = beginEgress(request, acceptRequest(request, testConfig(), 0), 1);
const active = becomeActive(first, 2, 2);
const ending = becomeEnding(active, 'End reason: StopEgress API', 3);
const complete = endEgress(ending, { cause: 'stop-asked', error: null, segments: null }, 4);

let livekit: Awaited<ReturnType<typeof createLiveKitTwin>>;
let failures: number;
const make = () => {
  const count = () => {
    failures += 1;
  };
  const log = { info: () => undefined, warn: count, error: count };
  return createEgressReports({ bus: livekit.join(), log, firstBackOffMs: 1 });
};
const lastStatus = () => livekit.records.get('EG_test1')?.status;

beforeEach(async () => {
  failures = 0;
  livekit = await createLiveKitTwin();
});
afterEach(() => livekit.close());

test('the record comes before any update, and the end is sent once', async () => {
  const reports = make();
  await reports.create(first, 500);
  for (const state of [active, ending, complete, complete]) {
    reports.update(state);
    await reports.settled();
  }
  expect(livekit.calls).toEqual(['create 0', 'update 1', 'update 2', 'update 3']);
  expect(livekit.webhooks.filter((event) => event === 'egress_ended')).toHaveLength(1);
});

test('when the record could not be made in time it is made before the first update', async () => {
  let away = true;
  livekit.fail((method) => {
    if (away && method === 'CreateEgress') throw new RpcError('internal', 'redis is away');
  });
  const reports = make();
  await reports.create(first, 100);
  expect(failures).toBe(1);
  reports.update(active);
  await expect.poll(() => failures).toBeGreaterThan(2);
  expect(livekit.calls).toEqual([]);
  away = false;
  await reports.settled();
  expect(livekit.calls).toEqual(['create 0', 'update 1']);
});

test('while the bus is away the newest state is kept and sent once it is back', async () => {
  const reports = make();
  await reports.create(first, 500);
  livekit.wires.cut();
  reports.update(active);
  await expect.poll(() => failures).toBeGreaterThan(1);
  reports.update(ending);
  reports.update(complete);
  livekit.wires.mend();
  await reports.settled();
  expect(livekit.calls).toEqual(['create 0', 'update 3']);
});

test('an end whose answer got lost is not sent again', async () => {
  const reports = make();
  await reports.create(first, 500);
  livekit.fail((method) => {
    if (method === 'UpdateEgress answered') throw new RpcError('deadline_exceeded', 'request timed out');
  });
  reports.update(complete);
  await reports.settled();
  expect(failures).toBe(1);
  expect(lastStatus()).toBe(EgressStatus.EGRESS_COMPLETE);
  expect(livekit.calls).toEqual(['create 0', 'update 3']);
});

test('an end that was certainly not stored is sent again', async () => {
  const reports = make();
  await reports.create(first, 500);
  let left = 2;
  livekit.fail((method) => {
    if (method === 'UpdateEgress' && left-- > 0) throw new RpcError('internal', 'could not store');
  });
  reports.update(complete);
  await reports.settled();
  expect(livekit.calls).toEqual(['create 0', 'update 3']);
});

test('minor changes wait for the next one that matters, at most a minute', async () => {
  const reports = make();
  await reports.create(first, 500);
  vi.useFakeTimers();
  try {
    reports.update(active);
    await vi.advanceTimersByTimeAsync(10);
    for (let i = 0; i < 5; i++) reports.update({ ...active, updatedAtMs: 10 + i }, 'minor');
    await vi.advanceTimersByTimeAsync(59_000);
    expect(livekit.calls).toEqual(['create 0', 'update 1']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(livekit.calls).toEqual(['create 0', 'update 1', 'update 1']);
    expect(livekit.records.get('EG_test1')?.updatedAt).toBe(14_000_000n);
    reports.update({ ...active, updatedAtMs: 20 }, 'minor');
    reports.update(complete);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(livekit.calls.slice(3)).toEqual(['update 3']);
  } finally {
    vi.useRealTimers();
  }
});
