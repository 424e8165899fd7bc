import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBroadcastStore } from '#adapters/memory/broadcast-store';
import { memoryChannelStore } from '#adapters/memory/channel-store';
import { createMemoryRevocations } from '#adapters/memory/revocations';
import { createMemorySeatBook } from '#adapters/memory/seat-book';
import { type Actor, ANONYMOUS } from '#core/account/actor';
import { sampleBroadcast } from '#core/broadcast/broadcast-store.contract';
import { signGrant } from '#core/playback/playback-grant';
import type { RoomMetadata } from '#core/scene/scene';
import { AppError } from '#core/shared/app-error';
import { SILENT } from '#core/shared/log';
import { SEAT_LEASE_MS, SEATS_LINGER_MS, seatRoomName } from './seat-book.ts';
import { withSeats } from './seats-in-metadata.ts';
import { sweepSeats } from './sweep-seats.ts';
import { endSeatsOf, leaveSeat, renewSeat, type SeatRooms, takeSeat } from './take-seat.ts';

const START = new Date('2026-01-01T00:00:00Z');
const user = (userId: string, isAdmin = false): Actor => ({
  kind: 'user',
  userId,
  name: 'x',
  email: 'x@a.example',
  isAdmin,
});
const HOST = user('owner');
const ROOM = seatRoomName('br_a');
const sign = (text: string) => `${text.length}${'s'.repeat(43)}`.slice(0, 43);

/** A broadcast on air, and LiveKit as a note of who is where. */
async function makeWorld(broadcast: Parameters<typeof sampleBroadcast>[1] = {}) {
  let nowMs = START.getTime();
  const clock = { now: () => new Date(nowMs) };
  const stores = { channels: memoryChannelStore(), broadcasts: memoryBroadcastStore() };
  await stores.channels.add({ id: 'ch_contract', handle: 'mine', name: 'Mine', ownerId: 'owner', createdAt: START });
  const record = sampleBroadcast('br_a', { state: 'live', visibility: 'public', ...broadcast });
  await stores.broadcasts.add(record);
  const world = {
    inside: new Set<string>(),
    asked: null as string | null,
    livekitAway: false,
    tokens: 0,
  };
  const livekit = () => {
    if (world.livekitAway) throw new AppError('livekit-unavailable', { blame: 'operator' });
  };
  const seatBook = createMemorySeatBook(clock);
  const revocations = createMemoryRevocations();
  const mediaRoom = {
    ensure: async () => {},
    setMetadata: async (_channelId: string, metadata: RoomMetadata) => {
      livekit();
      world.asked = metadata.seats?.room ?? null;
    },
    token: async () => 'jwt',
    removeParticipant: async () => {},
    find: async () => [{ channelId: 'ch_contract', publishers: 1, seats: world.asked }],
  };
  const rooms: SeatRooms = {
    stores,
    clock,
    seatBook,
    revocations,
    mediaRoom: withSeats(mediaRoom, seatBook, SILENT),
    seatRoom: {
      ensure: async () => livekit(),
      async token({ identity }) {
        livekit();
        world.tokens += 1;
        world.inside.add(identity);
        return `jwt-${identity}`;
      },
      async remove(_room, identity) {
        livekit();
        world.inside.delete(identity);
      },
      identities: async () => ['program', ...world.inside],
    },
    ids: { make: (prefix) => `${prefix}_${world.tokens}${Math.random().toString(36).slice(2)}` },
    signGrant: sign,
    addresses: { pages: 'https://show.example', playback: 'https://play.example' },
    livekitUrl: 'wss://show.example',
    seatBudget: 2,
    log: SILENT,
  };
  return {
    ...world,
    world,
    rooms,
    record,
    revocations,
    seatBook,
    pass(ms: number) {
      nowMs += ms;
    },
    take: (actor: Actor = ANONYMOUS, input: Parameters<typeof takeSeat>[1]['input'] = {}) =>
      takeSeat(rooms, { actor, broadcastId: 'br_a', input }),
  };
}
type World = Awaited<ReturnType<typeof makeWorld>>;
let made: World;
beforeEach(async () => {
  made = await makeWorld();
});

describe('a seat', () => {
  test('is handed out with a token, and the engine is asked for the program', async () => {
    const { seat, ...answer } = await made.take();
    expect(answer).toEqual({ livekitUrl: 'wss://show.example', token: `jwt-${seat}`, renewAfterS: 15 });
    expect(made.world.asked).toBe(ROOM);
  });

  test('of a viewer gives way to the host’s; a viewer is told that all are taken', async () => {
    const [first, second] = [await made.take(), await made.take()];
    await expect(made.take()).rejects.toMatchObject({ code: 'full', retryAfterS: 30 });
    const host = await made.take(HOST);
    expect([...made.world.inside].sort()).toEqual([first.seat, host.seat].sort());
    await expect(
      renewSeat(made.rooms, { actor: ANONYMOUS, broadcastId: 'br_a', seat: second.seat, input: {} }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  test('for a guest is asked for by whoever runs the show, and by nobody else', async () => {
    await made.take(HOST, { rank: 'guest' });
    await made.take(ANONYMOUS, { rank: 'guest' });
    const ranks = (await made.seatBook.list('br_a')).map(({ rank }) => rank);
    expect(ranks).toEqual(['guest', 'viewer']);
  });

  test('is none where there is no budget, and before or after the show', async () => {
    const none = { ...made.rooms, seatBudget: 0 };
    await expect(takeSeat(none, { actor: HOST, broadcastId: 'br_a', input: {} })).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'This server gives no seats with the lowest delay.',
    });
    const early = await makeWorld({ state: 'backstage' });
    await expect(early.take()).rejects.toMatchObject({ code: 'wrong-state' });
  });

  test('that LiveKit has no room for is not held on to', async () => {
    made.world.livekitAway = true;
    await expect(made.take()).rejects.toMatchObject({ code: 'livekit-unavailable' });
    expect(await made.seatBook.list('br_a')).toEqual([]);
  });

  test('given back is free, and its viewer leaves the room', async () => {
    const { seat } = await made.take();
    await leaveSeat(made.rooms, { broadcastId: 'br_a', seat });
    await leaveSeat(made.rooms, { broadcastId: 'br_a', seat });
    expect(made.world.inside.size).toBe(0);
    expect(await made.seatBook.list('br_a')).toEqual([]);
  });
});

describe('a seat of a show that not everyone may watch', () => {
  const grantFor = (viewer: string, epoch = 0) =>
    signGrant(sign, made.record.playbackId, { viewer, epoch, expiresAtS: START.getTime() / 1000 + 600 });
  const renew = (seat: string, grant: string) =>
    renewSeat(made.rooms, { actor: ANONYMOUS, broadcastId: 'br_a', seat, input: { grant } });

  beforeEach(async () => {
    made = await makeWorld({ visibility: 'ticket', grantEpoch: 0 });
  });

  test('needs a good grant', async () => {
    await expect(made.take()).rejects.toMatchObject({ code: 'not-found' });
    await expect(made.take(ANONYMOUS, { grant: 'x.y.z' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(made.take(ANONYMOUS, { grant: grantFor('order-1', 1) })).rejects.toMatchObject({ code: 'not-found' });
    expect((await made.take(ANONYMOUS, { grant: grantFor('order-1') })).seat).toMatch(/^seat_/);
  });

  test('ends with the grant at the next renewal', async () => {
    const grant = grantFor('order-1');
    const { seat } = await made.take(ANONYMOUS, { grant });
    expect(await renew(seat, grant)).toEqual({ renewAfterS: 15 });
    await made.revocations.revoke(made.record.playbackId, 'order-1');
    await expect(renew(seat, grant)).rejects.toMatchObject({ code: 'not-found' });
    expect(made.world.inside.size).toBe(0);
  });

  test('is kept while it cannot be asked who may watch', async () => {
    const grant = grantFor('order-1');
    const { seat } = await made.take(ANONYMOUS, { grant });
    made.revocations.away = true;
    await expect(renew(seat, grant)).rejects.toMatchObject({ code: 'unavailable' });
    expect(made.world.inside.has(seat)).toBe(true);
  });

  test('is taken at once from who is sent away, and from nobody else', async () => {
    await made.take(ANONYMOUS, { grant: grantFor('order-1') });
    const other = await made.take(ANONYMOUS, { grant: grantFor('order-2') });
    await endSeatsOf(made.rooms, 'br_a', 'order-1');
    expect([...made.world.inside]).toEqual([other.seat]);
  });
});

describe('a pass over the seats', () => {
  test('puts out who is in the room without a seat, and never the program', async () => {
    const { seat } = await made.take();
    made.world.inside.add('seat_gone');
    await sweepSeats(made.rooms);
    expect([...made.world.inside]).toEqual([seat]);
  });

  test('ends the program when nobody has wanted a seat for a while', async () => {
    const { seat } = await made.take();
    await leaveSeat(made.rooms, { broadcastId: 'br_a', seat });
    await sweepSeats(made.rooms);
    expect(made.world.asked).toBe(ROOM);
    made.pass(SEAT_LEASE_MS + SEATS_LINGER_MS + 1);
    await sweepSeats(made.rooms);
    expect(made.world.asked).toBeNull();
  });

  test('asks for the program again when a scene was written while the book was away', async () => {
    await made.take();
    made.seatBook.away = true;
    await made.rooms.mediaRoom.setMetadata('ch_contract', { broadcastId: 'br_a' } as RoomMetadata);
    expect(made.world.asked).toBeNull();
    made.seatBook.away = false;
    await sweepSeats(made.rooms);
    expect(made.world.asked).toBe(ROOM);
  });
});
