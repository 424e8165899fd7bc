import { dispose, Room, RoomEvent, TrackKind, VideoStream } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEncoder } from '../../infra/bench/clock/rtmp-source.ts';
import { api, type BroadcastAnswer, eventually, openInstall } from '../../infra/bench/lib/install.ts';

/** Seats by the API of a running install, up to the picture in them. */
const install = openInstall();
const { url } = install.credentials;
const liveKit = new RoomServiceClient(
  install.env.LIVEKIT_URL ?? '',
  install.env.LIVEKIT_API_KEY,
  install.env.LIVEKIT_API_SECRET,
);
let broadcast: BroadcastAnswer;
let room: string;
const rooms: Room[] = [];
type Ticket = { seat: string; livekitUrl: string; token: string; renewAfterS: number };

/** As a player asks: with a grant, without a key. */
async function ask(method: string, path: string, body?: unknown, origin = url) {
  const answer = await fetch(`${url}/api/v1/broadcasts/${broadcast.id}/seats${path}`, {
    method,
    headers: { 'content-type': 'application/json', origin },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}

async function grantFor(viewer: string): Promise<string> {
  const { hls } = await api<{ hls: string }>(install, 'POST', `/broadcasts/${broadcast.id}/grants`, { viewer });
  return /~([^/]+)/.exec(hls)?.[1] ?? '';
}
const seatFor = async (viewer: string) => {
  const grant = await grantFor(viewer);
  const { status, body } = await ask('POST', '', { grant });
  expect(status).toBe(201);
  return { ...(body as Ticket), grant };
};

async function join({ livekitUrl, token }: Ticket) {
  const joined = new Room();
  const seen = { pictures: 0, gone: false };
  joined.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind !== TrackKind.KIND_VIDEO) return;
    void (async () => {
      for await (const _ of new VideoStream(track)) seen.pictures++;
    })();
  });
  joined.on(RoomEvent.Disconnected, () => {
    seen.gone = true;
  });
  await joined.connect(livekitUrl, token, { autoSubscribe: true, dynacast: false });
  rooms.push(joined);
  return seen;
}
const inside = async () => (await liveKit.listParticipants(room)).map(({ identity }) => identity);

beforeAll(async () => {
  const handle = `s-${Math.random().toString(36).slice(2, 10)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Seats' });
  const wish = { title: 'Seats', visibility: 'ticket' };
  broadcast = await api(install, 'POST', `/channels/${handle}/broadcasts`, wish);
  room = `seat_${broadcast.id}`;
  const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(
    install,
    'GET',
    `/channels/${handle}/ingest`,
  );
  const encoder = startEncoder({ url: `${rtmp.url}/${rtmp.streamKey}`, width: 640, height: 360 });
  await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
  await eventually('the broadcast is live', async () => {
    const { state } = await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${broadcast.id}`);
    return state === 'live';
  });
  return async () => {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/end`);
    await encoder.stop();
  };
}, 90_000);
afterAll(async () => {
  for (const one of rooms) await one.disconnect().catch(() => {});
  await dispose();
});

describe('a seat by the API', () => {
  test('is for who may watch: without a good grant there is no such broadcast; another page’s script is refused', async () => {
    expect((await ask('POST', '', {})).status).toBe(404);
    expect((await ask('POST', '', { grant: 'a.b.c' })).status).toBe(404);
    expect((await ask('POST', '', { grant: await grantFor('order-0') }, 'https://elsewhere.example')).status).toBe(403);
    expect(await ask('POST', '', { rank: 'king' })).toMatchObject({ status: 400, body: { error: { field: 'rank' } } });
  });

  test('shows the program, is kept, and given back', async () => {
    const ticket = await seatFor('order-1');
    const seen = await join(ticket);
    await expect.poll(() => seen.pictures, { timeout: 30_000 }).toBeGreaterThan(20);
    expect((await inside()).sort()).toEqual(['program', ticket.seat].sort());
    expect(await ask('PUT', `/${ticket.seat}`, { grant: ticket.grant })).toEqual({
      status: 200,
      body: { renewAfterS: ticket.renewAfterS },
    });
    expect((await ask('DELETE', `/${ticket.seat}`)).status).toBe(204);
    await expect.poll(() => seen.gone, { timeout: 10_000 }).toBe(true);
    expect((await ask('PUT', `/${ticket.seat}`, { grant: ticket.grant })).status).toBe(404);
  });

  test('is lost at once by who is sent away, and by nobody else', async () => {
    const [mine, other] = [await seatFor('order-2'), await seatFor('order-3')];
    const [seen, theirs] = [await join(mine), await join(other)];
    await expect.poll(() => Math.min(seen.pictures, theirs.pictures), { timeout: 30_000 }).toBeGreaterThan(10);
    await api(install, 'PUT', `/broadcasts/${broadcast.id}/revoked/order-2`);
    await expect.poll(() => seen.gone, { timeout: 10_000 }).toBe(true);
    expect((await ask('PUT', `/${mine.seat}`, { grant: mine.grant })).status).toBe(404);
    expect(theirs.gone).toBe(false);
  });

  test('a token whose seat was given back opens the door for a moment only', async () => {
    const ticket = await seatFor('order-4');
    expect((await ask('DELETE', `/${ticket.seat}`)).status).toBe(204);
    const seen = await join(ticket);
    await expect.poll(() => seen.gone, { timeout: 20_000 }).toBe(true);
  });

  test('a scene that is written meanwhile leaves the program in its seats', async () => {
    const ticket = await seatFor('order-5');
    const seen = await join(ticket);
    await expect.poll(() => seen.pictures, { timeout: 30_000 }).toBeGreaterThan(10);
    await api(install, 'PUT', `/broadcasts/${broadcast.id}/scene`, { layout: 'single' });
    const stage = async () =>
      JSON.parse((await liveKit.listRooms()).find(({ metadata }) => metadata.includes(broadcast.id))?.metadata ?? '{}');
    await expect.poll(async () => (await stage()).scene?.layout).toBe('single');
    expect((await stage()).seats).toEqual({ room });
    const before = seen.pictures;
    await expect.poll(() => seen.pictures, { timeout: 10_000 }).toBeGreaterThan(before + 30);
  });
});
