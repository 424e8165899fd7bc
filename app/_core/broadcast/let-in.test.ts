import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBroadcastStore } from '#adapters/memory/broadcast-store';
import { memoryChannelStore } from '#adapters/memory/channel-store';
import { memoryDestinationStore, memoryPushRemovals } from '#adapters/memory/destination-store';
import { createMemoryRevocations } from '#adapters/memory/revocations';
import { createMemorySeatBook } from '#adapters/memory/seat-book';
import { memoryRecordingStore } from '#adapters/memory/small-stores';
import { memoryWatchTickets } from '#adapters/memory/watch-tickets';
import { type Actor, ANONYMOUS } from '#core/account/actor';
import { readGrant } from '#core/playback/playback-grant';
import { SILENT } from '#core/shared/log';
import { sampleBroadcast } from './broadcast-store.contract.ts';
import { CreateBroadcast, createBroadcast } from './create-broadcast.ts';
import { EditBroadcast, editBroadcast } from './edit-broadcast.ts';
import { findTickets, MakeTickets, makeTickets, revokeTicket } from './edit-tickets.ts';
import { findWatchable, UnlockBroadcast, unlockBroadcast } from './let-in.ts';
import type { News } from './news.ts';

const owner: Actor = { kind: 'user', userId: 'owner', name: 'O', email: 'o@a.example', isAdmin: false };
const browser = 'a-browser-of-its-own';

async function makeRooms() {
  let [nowMs, made] = [Date.UTC(2026, 0, 1), 0];
  const news: News[] = [];
  const clock = { now: () => new Date(nowMs) };
  const stores = {
    channels: memoryChannelStore(),
    broadcasts: memoryBroadcastStore(),
    recordings: memoryRecordingStore(),
    destinations: memoryDestinationStore(),
    pushRemovals: memoryPushRemovals(),
    watchTickets: memoryWatchTickets(),
  };
  await stores.channels.add({
    id: 'ch_contract',
    handle: 'mine',
    name: 'Mine',
    ownerId: 'owner',
    createdAt: clock.now(),
  });
  const putOut: string[] = [];
  return {
    stores,
    clock,
    news: { all: news, publish: async (one: News) => void news.push(one) },
    pass: (ms: number) => {
      nowMs += ms;
    },
    log: SILENT,
    ids: { make: (prefix: string) => `${prefix}_${++made}` },
    limits: { maxBroadcasts: 10, reconnectWindowS: 120, defaultRungs: ['720p'] as const },
    addresses: { pages: 'http://p', playback: 'http://q' },
    audience: { count: async () => 3 },
    shows: { put: async () => {} },
    signGrant: (text: string) => createHmac('sha256', 'k').update(text).digest('base64url'),
    passwords: {
      hash: async (password: string) => `hash ${++made} of ${password}`,
      verify: async (password: string, stored: string) => stored.endsWith(` of ${password}`),
    },
    revocations: createMemoryRevocations(),
    seatBook: createMemorySeatBook(clock),
    seatRoom: { ...noSeatRoom, remove: async (_room: string, seat: string) => void putOut.push(seat) },
    putOut,
  };
}

const noSeatRoom = { ensure: async () => {}, token: async () => '', identities: async () => [] };

let rooms: Awaited<ReturnType<typeof makeRooms>>;
beforeEach(async () => {
  rooms = await makeRooms();
});

const make = (input: object) =>
  createBroadcast(rooms, {
    actor: owner,
    handle: 'mine',
    input: CreateBroadcast.parse({ title: 'A secret title', ...input }),
  });
const edit = (broadcastId: string, input: object) =>
  editBroadcast(rooms, { actor: owner, broadcastId, input: EditBroadcast.parse(input) });
const unlock = (broadcastId: string, input: object) =>
  unlockBroadcast(rooms, { broadcastId, input: UnlockBroadcast.parse(input) });
const code = (asked: Promise<unknown>) =>
  asked.then(
    () => 'let in',
    (error) => error.code,
  );
const look = (broadcastId: string, actor: Actor = ANONYMOUS) => findWatchable(rooms, { actor, broadcastId });
const viewerIn = (hls: string, playbackId: string) => {
  const grant = readGrant(rooms.signGrant, playbackId, /~([^/]+)/.exec(hls)?.[1] ?? '');
  return typeof grant === 'object' ? grant.viewer : grant;
};

describe('a broadcast with a password', () => {
  test('tells a stranger whose it is and how one gets in, and nothing else', async () => {
    const { id } = await make({ visibility: 'password', password: 'lantern' });
    const seen = await look(id);
    expect(seen).toEqual({
      kind: 'locked',
      lock: 'password',
      id,
      channel: { id: 'ch_contract', handle: 'mine', name: 'Mine' },
    });
    expect(await look(id, owner)).toMatchObject({ kind: 'own', broadcast: { title: 'A secret title' } });
    expect((await look(id, owner))?.kind === 'own').toBe(true);
  });

  test('lets in by it, again by the pass without it, each time with a grant that names the same viewer', async () => {
    const { id, playbackId } = await make({ visibility: 'password', password: 'lantern' });
    expect(await code(unlock(id, { password: 'Lantern' }))).toBe('wrong-password');
    const first = await unlock(id, { password: ' lantern ' });
    const again = await unlock(id, { pass: first.pass });
    const viewer = viewerIn(first.broadcast.playback.hls, playbackId);
    expect(viewer).toMatch(/^vw_/);
    expect(viewerIn(again.broadcast.playback.hls, playbackId)).toBe(viewer);
    expect(first.broadcast).toMatchObject({ title: 'A secret title', audience: 3 });
    expect(viewerIn((await unlock(id, { password: 'lantern' })).broadcast.playback.hls, playbackId)).not.toBe(viewer);
  });

  test('a changed password ends every pass and grant of before, and realtime is told', async () => {
    const { id } = await make({ visibility: 'password', password: 'lantern' });
    const { pass } = await unlock(id, { password: 'lantern' });
    const changed = await edit(id, { password: 'noodles' });
    expect(changed.grantEpoch).toBe(1);
    expect(await code(unlock(id, { pass }))).toBe('pass-ended');
    expect(await code(unlock(id, { password: 'lantern' }))).toBe('wrong-password');
    expect(await code(unlock(id, { password: 'noodles' }))).toBe('let in');
    expect(rooms.news.all).toContainEqual({ kind: 'sent-away', broadcastId: id, epoch: 1, viewer: null });
  });

  test('another title leaves everyone where they are', async () => {
    const { id } = await make({ visibility: 'password', password: 'lantern' });
    const { pass } = await unlock(id, { password: 'lantern' });
    expect((await edit(id, { title: 'Another' })).grantEpoch).toBe(0);
    expect(await code(unlock(id, { pass }))).toBe('let in');
  });

  test('a pass ends after 30 days, is of one broadcast alone, and is not made up', async () => {
    const [one, other] = [
      await make({ visibility: 'password', password: 'lantern' }),
      await make({ visibility: 'password', password: 'lantern' }),
    ];
    const { pass } = await unlock(one.id, { password: 'lantern' });
    expect(await code(unlock(other.id, { pass }))).toBe('pass-ended');
    expect(await code(unlock(one.id, { pass: pass?.replace('vw_', 'vw_x') }))).toBe('pass-ended');
    rooms.pass(31 * 86_400_000);
    expect(await code(unlock(one.id, { pass }))).toBe('pass-ended');
  });

  test('who was sent away does not come back by the pass', async () => {
    const { id, playbackId } = await make({ visibility: 'password', password: 'lantern' });
    const { pass, broadcast } = await unlock(id, { password: 'lantern' });
    await rooms.revocations.revoke(playbackId, String(viewerIn(broadcast.playback.hls, playbackId)));
    expect(await code(unlock(id, { pass }))).toBe('sent-away');
  });

  test('needs one, and no other broadcast has one: the field is named', async () => {
    await expect(make({ visibility: 'password' })).rejects.toMatchObject({ code: 'bad-request', field: 'password' });
    await expect(make({ password: 'lantern' })).rejects.toMatchObject({ code: 'bad-request', field: 'password' });
    const open = await make({});
    await expect(edit(open.id, { visibility: 'password' })).rejects.toMatchObject({ field: 'password' });
    expect(CreateBroadcast.safeParse({ title: 't', visibility: 'password', password: 'abc' }).success).toBe(false);
    const closed = await edit(open.id, { visibility: 'password', password: 'lantern' });
    expect((await edit(open.id, { visibility: 'public' })).passwordHash).toBeNull();
    expect(closed.grantEpoch).toBe(1);
  });

  test('once it is for everyone, whoever asks is let in without a pass', async () => {
    const { id } = await make({ visibility: 'password', password: 'lantern' });
    await edit(id, { visibility: 'unlisted' });
    expect((await unlock(id, { password: 'whatever' })).pass).toBeNull();
    expect(await look(id)).toMatchObject({ kind: 'open' });
  });
});

describe('a broadcast with tickets', () => {
  const ticketOf = (link: string | null) => /#ticket=(.+)$/.exec(link ?? '')?.[1] ?? 'none';

  test('a ticket is the first browser’s that opens it; a second one is told so', async () => {
    const { id, playbackId } = await make({ visibility: 'ticket' });
    const [ticket] = await makeTickets(rooms, {
      actor: owner,
      broadcastId: id,
      input: MakeTickets.parse({ label: 'Ann' }),
    });
    expect(ticket).toMatchObject({
      label: 'Ann',
      state: 'unused',
      link: expect.stringContaining(`/mine/${id}#ticket=tk_`),
    });
    const first = await unlock(id, { ticket: ticketOf(ticket?.link ?? null), browser });
    expect(viewerIn(first.broadcast.playback.hls, playbackId)).toBe(ticket?.id);
    expect(await code(unlock(id, { ticket: ticket?.link, browser: 'another-browser-here' }))).toBe('ticket-taken');
    expect(await code(unlock(id, { ticket: ticket?.link, browser }))).toBe('let in');
    expect(await findTickets(rooms, { actor: owner, broadcastId: id })).toMatchObject([{ state: 'used', link: null }]);
  });

  test('one that is taken back lets nobody in, neither by itself nor by a pass', async () => {
    const { id, playbackId } = await make({ visibility: 'ticket' });
    const [ticket] = await makeTickets(rooms, { actor: owner, broadcastId: id, input: MakeTickets.parse({}) });
    const { pass } = await unlock(id, { ticket: ticket?.link, browser });
    await revokeTicket(rooms, { actor: owner, broadcastId: id, ticketId: ticket?.id ?? '' });
    expect(await code(unlock(id, { pass }))).toBe('ticket-revoked');
    expect(await code(unlock(id, { ticket: ticket?.link, browser }))).toBe('ticket-revoked');
    expect([...(await rooms.revocations.list(playbackId))]).toEqual([ticket?.id]);
    expect(rooms.news.all).toContainEqual({ kind: 'sent-away', broadcastId: id, epoch: 0, viewer: ticket?.id });
  });

  test('a seat goes with the ticket, and with a changed password everyone’s who was let in', async () => {
    const { id } = await make({ visibility: 'ticket' });
    const [ticket] = await makeTickets(rooms, { actor: owner, broadcastId: id, input: MakeTickets.parse({}) });
    const sit = (seat: string, viewer: string | null) =>
      rooms.seatBook.take({ id: seat, broadcastId: id, rank: viewer ? 'viewer' : 'host', viewer }, 9);
    await sit('seat_ticket', ticket?.id ?? '');
    await sit('seat_other', 'tk_other');
    await sit('seat_host', null);
    await revokeTicket(rooms, { actor: owner, broadcastId: id, ticketId: ticket?.id ?? '' });
    expect(rooms.putOut).toEqual(['seat_ticket']);
    await edit(id, { visibility: 'password', password: 'lantern' });
    expect(rooms.putOut).toEqual(['seat_ticket', 'seat_other']);
    expect(await rooms.seatBook.list(id)).toMatchObject([{ id: 'seat_host' }]);
  });

  test('a ticket of another broadcast, a made-up one and a password open nothing', async () => {
    const [one, other] = [await make({ visibility: 'ticket' }), await make({ visibility: 'ticket' })];
    const [ticket] = await makeTickets(rooms, { actor: owner, broadcastId: other.id, input: MakeTickets.parse({}) });
    for (const text of [ticket?.link, 'tk_1.AAAAAAAAAAAAAAAAAAAAAA', 'hello', '#ticket=']) {
      expect(await code(unlock(one.id, { ticket: text, browser }))).toBe('ticket-unknown');
    }
    expect(await code(unlock(one.id, { password: 'lantern' }))).toBe('wrong-password');
    expect(await code(revokeTicket(rooms, { actor: owner, broadcastId: one.id, ticketId: ticket?.id ?? '' }))).toBe(
      'not-found',
    );
  });

  test('several are numbered, and there is an end to them', async () => {
    const { id } = await make({ visibility: 'ticket' });
    const input = MakeTickets.parse({ label: 'Row', count: 100 });
    const made = await makeTickets(rooms, { actor: owner, broadcastId: id, input });
    expect([made[0]?.label, made[99]?.label]).toEqual(['Row 1', 'Row 100']);
    for (let at = 1; at < 20; at += 1) await makeTickets(rooms, { actor: owner, broadcastId: id, input });
    await expect(makeTickets(rooms, { actor: owner, broadcastId: id, input })).rejects.toMatchObject({
      field: 'count',
    });
  });

  test('are made for a broadcast that asks for them', async () => {
    const { id } = await make({});
    const asked = makeTickets(rooms, { actor: owner, broadcastId: id, input: MakeTickets.parse({}) });
    await expect(asked).rejects.toMatchObject({ code: 'wrong-state', field: 'visibility' });
  });
});

describe('what asks for neither', () => {
  test('is not to be known of where others decide who watches', async () => {
    await rooms.stores.broadcasts.add(sampleBroadcast('br_members', { visibility: 'members' }));
    expect(await look('br_members')).toBeNull();
    expect(await look('br_none')).toBeNull();
    expect(await code(unlock('br_members', { password: 'lantern' }))).toBe('not-found');
  });

  test('one of password, ticket and pass is given, a ticket with its browser', () => {
    const wrong = [
      {},
      { password: 'a', pass: 'b' },
      { ticket: 'a' },
      { password: 'a', browser },
      { ticket: 'a', browser: 'x' },
    ];
    for (const input of wrong) expect(UnlockBroadcast.safeParse(input).success, JSON.stringify(input)).toBe(false);
  });
});
