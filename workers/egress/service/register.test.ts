import { EgressInfo, EgressStatus, StreamInfo } from '@livekit/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RpcError } from '#bus/rpc-error';
import { createLiveKitTwin } from './fixtures/livekit-twin.ts';
import { createMemoryRegister } from './memory-register.ts';
import { describeRegisterContract } from './register.contract.ts';
import { HOLD_MS, keepRegister } from './register.ts';

describeRegisterContract('memory', () => {
  let now = 0;
  const register = createMemoryRegister(() => now);
  return {
    open: () => register,
    pass: async (ms) => {
      now += ms;
    },
  };
});

let livekit: Awaited<ReturnType<typeof createLiveKitTwin>>;
beforeEach(async () => {
  livekit = await createLiveKitTwin();
});
afterEach(() => livekit.close());

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const active = () =>
  new EgressInfo({
    egressId: 'EG_1',
    roomName: 'r',
    status: EgressStatus.EGRESS_ACTIVE,
    startedAt: 1n,
    streamResults: [new StreamInfo({ url: 'rtmp://h/a/{k}' })],
  });

test("a dead worker's egress is closed once, with the reason", async () => {
  let now = 0;
  const register = createMemoryRegister(() => now);
  const worker = (running: () => EgressInfo[]) =>
    keepRegister({ register, bus: livekit.join(), log: quiet, running, now: () => now });
  const dead = worker(() => [active()]);
  await dead.beat();
  dead.stop();
  const [a, b] = [worker(() => []), worker(() => [])];
  now += HOLD_MS - 1;
  await a.beat();
  expect(livekit.records.size).toBe(0);
  now += 1;
  livekit.fail((method) => {
    if (method === 'UpdateEgress') throw new RpcError('internal', 'away');
  });
  await a.beat();
  expect(livekit.records.size).toBe(0);
  livekit.fail(() => undefined);
  now += 1;
  // The one that failed waits, in case it was an outage for all; another may go on.
  await a.beat();
  expect(livekit.records.size).toBe(0);
  await b.beat();
  await a.beat();
  expect(livekit.webhooks).toEqual(['egress_ended']);
  expect(livekit.records.get('EG_1')).toMatchObject({
    status: EgressStatus.EGRESS_FAILED,
    error: 'the egress worker died',
    details: 'End reason: Process killed',
    endedAt: BigInt(now) * 1_000_000n,
    streamResults: [{ status: 2, error: 'the egress worker died' }],
  });
  a.stop();
  b.stop();
});

test('an egress that ended in order leaves nothing behind', async () => {
  let now = 0;
  let running = [active()];
  const register = createMemoryRegister(() => now);
  const one = keepRegister({ register, bus: livekit.join(), log: quiet, running: () => running, now: () => now });
  await one.beat();
  running = [];
  await one.beat();
  now += HOLD_MS * 2;
  await one.beat();
  expect(livekit.webhooks).toEqual([]);
  one.stop();
});
