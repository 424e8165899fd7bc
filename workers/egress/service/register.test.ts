import { EgressInfo, EgressStatus, StreamInfo } from '@livekit/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RpcError } from '#bus/rpc-error';
import { createLiveKitTwin } from './fixtures/livekit-twin.ts';
import { keepRegister } from './keep-register.ts';
import { createMemoryRegisters } from './memory-register.ts';
import { describeRegisterContract } from './register.contract.ts';
import { HOLD_MS, HOPE_MS, type RegisteredEgress } from './register.ts';

describeRegisterContract('memory', () => {
  let now = 0;
  const registers = createMemoryRegisters(() => now);
  return {
    open: registers.open,
    pass: async (ms) => {
      now += ms;
    },
  };
});

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const active = (): RegisteredEgress => ({
  info: new EgressInfo({
    egressId: 'EG_1',
    roomName: 'r',
    status: EgressStatus.EGRESS_ACTIVE,
    startedAt: 1n,
    streamResults: [new StreamInfo({ url: 'rtmp://h/a/{k}' })],
  }),
  estate: Buffer.from('sealed'),
});

let livekit: Awaited<ReturnType<typeof createLiveKitTwin>>;
let now = 0;
let registers: ReturnType<typeof createMemoryRegisters>;
let keepers: ReturnType<typeof keepRegister>[];
beforeEach(async () => {
  now = 0;
  keepers = [];
  registers = createMemoryRegisters(() => now);
  livekit = await createLiveKitTwin();
});
afterEach(async () => {
  for (const keeper of keepers) keeper.stop();
  await livekit.close();
});

/** A worker with so much room; what it took over and let go of is noted. */
function worker(id: string, has: { running?: RegisteredEgress[]; room?: boolean; dead?: string[] } = {}) {
  const running = [...(has.running ?? [])];
  const drop = (egressId: string) => {
    running.splice(0, running.length, ...running.filter(({ info }) => info.egressId !== egressId));
  };
  const taken: string[] = [];
  const abandoned: string[] = [];
  const toldAgain: string[] = [];
  const keeper = keepRegister({
    register: registers.open(id),
    bus: livekit.join(),
    log: quiet,
    running: () => running,
    reportAgain: (egressId) => void toldAgain.push(egressId),
    canTakeOver: () => has.room ?? false,
    async takeOver({ info, estate }) {
      taken.push(info.egressId);
      running.push({ info, estate });
    },
    abandon(egressId) {
      abandoned.push(egressId);
      drop(egressId);
    },
    isKnownDead: (other) => has.dead?.includes(other) ?? false,
    now: () => now,
  });
  keepers.push(keeper);
  return { ...keeper, taken, abandoned, toldAgain, drop };
}

test('R-4: the egress of a silent worker goes to one worker with room, and nothing is reported as ended', async () => {
  const dead = worker('dead', { running: [active()] });
  await dead.beat();
  dead.stop();
  const full = worker('full', { room: false });
  const [a, b] = [worker('a', { room: true }), worker('b', { room: true })];
  now += HOLD_MS - 1;
  await Promise.all([a.beat(), b.beat(), full.beat()]);
  expect([...a.taken, ...b.taken]).toEqual([]);
  now += 1;
  await Promise.all([full.beat(), a.beat(), b.beat()]);
  expect([...a.taken, ...b.taken]).toEqual(['EG_1']);
  now += HOPE_MS * 2;
  // Both keep what they have by beating.
  await Promise.all([a.beat(), b.beat()]);
  expect(livekit.webhooks).toEqual([]);
});

test('R-4: what a worker that is known to be dead held is taken over without waiting', async () => {
  const dead = worker('dead', { running: [active()] });
  await dead.beat();
  dead.stop();
  const beside = worker('beside', { room: true, dead: ['dead'] });
  await beside.beat();
  expect(beside.taken).toEqual(['EG_1']);
});

test('R-5: a worker that was frozen past its hold lets go of what another took over', async () => {
  const frozen = worker('frozen', { running: [active()] });
  await frozen.beat();
  now += HOLD_MS;
  const other = worker('other', { room: true });
  await other.beat();
  await frozen.beat();
  expect(other.taken).toEqual(['EG_1']);
  expect(frozen.abandoned).toEqual(['EG_1']);
  await other.beat();
  expect(other.abandoned).toEqual([]);
});

test('R-53: after Redis lost its memory LiveKit is told anew of what runs, once', async () => {
  const one = worker('one', { running: [active()] });
  await one.beat();
  await one.beat();
  expect(one.toldAgain).toEqual([]);
  await registers.open('one').drop('EG_1');
  await one.beat();
  await one.beat();
  expect(one.toldAgain).toEqual(['EG_1']);
});

test("a dead worker's egress that nobody can go on with is closed once, with the reason", async () => {
  const dead = worker('dead', { running: [active()] });
  await dead.beat();
  dead.stop();
  const [a, b] = [worker('a'), worker('b')];
  now += HOPE_MS - 1;
  await a.beat();
  expect(livekit.records.size).toBe(0);
  now += 1;
  livekit.fail((method) => {
    if (method === 'UpdateEgress') throw new RpcError('internal', 'away');
  });
  await a.beat();
  expect(livekit.records.size).toBe(0);
  livekit.fail(() => undefined);
  // The claim of the one that could not report has to run out first.
  await b.beat();
  expect(livekit.records.size).toBe(0);
  now += HOLD_MS;
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
});

test('an egress that ended in order leaves nothing behind', async () => {
  const one = worker('one', { running: [active()] });
  await one.beat();
  one.drop('EG_1');
  await one.beat();
  now += HOPE_MS * 2;
  await one.beat();
  expect(livekit.webhooks).toEqual([]);
});
