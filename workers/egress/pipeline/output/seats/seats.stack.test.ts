import { AudioStream, dispose, Room, RoomEvent, TrackKind, VideoBufferType, VideoStream } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DirectEgress, ONE_RUNG, openRoom, startEgress } from '../../../../../infra/bench/lib/direct-egress.ts';
import { openInstall } from '../../../../../infra/bench/lib/install.ts';
import { enterRoom } from '../../../../../infra/bench/lib/room-person.ts';

/** The program in WebRTC seats, as a viewer of the seats' room gets it from a running install. */
const install = openInstall();
const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = install.env;
const wsUrl = LIVEKIT_URL.replace(/^http/, 'ws');

let stage: Awaited<ReturnType<typeof openRoom>>;
let egress: DirectEgress;
let seatRoom: string;
const stops: (() => Promise<unknown>)[] = [];

async function tokenOf(roomName: string, identity: string, canPublish: boolean): Promise<string> {
  const token = new AccessToken(LIVEKIT_API_KEY, LIVEKIT_API_SECRET, { identity });
  token.addGrant({ room: roomName, roomJoin: true, canPublish, canSubscribe: !canPublish, hidden: !canPublish });
  return token.toJwt();
}

async function joinAsViewer(identity: string): Promise<Room> {
  const room = new Room();
  await room.connect(wsUrl, await tokenOf(seatRoom, identity, false), { autoSubscribe: true, dynacast: false });
  stops.push(() => room.disconnect());
  return room;
}

/** What a viewer has seen and heard so far. */
function watch(room: Room) {
  const seen = { levels: new Set<number>(), loud: 0, pictures: 0 };
  room.on(RoomEvent.TrackSubscribed, (track) => {
    void (async () => {
      if (track.kind === TrackKind.KIND_VIDEO) {
        for await (const { frame } of new VideoStream(track)) {
          const i420 = frame.type === VideoBufferType.I420 ? frame : frame.convert(VideoBufferType.I420);
          seen.pictures++;
          seen.levels.add(
            Math.round((i420.data[Math.floor(i420.width * (i420.height / 2) + i420.width / 2)] ?? 0) / 8),
          );
        }
      } else {
        for await (const block of new AudioStream(track, 48_000, 1))
          if (block.data.some((one) => one > 2_000)) seen.loud++;
      }
    })();
  });
  return seen;
}

const inSeats = async () =>
  (await stage.rooms.listParticipants(seatRoom).catch(() => [])).map(({ identity }) => identity);
const stateOfSeats = async () =>
  (await egress.look()).facts?.outputs.find(({ kind }) => kind === 'seats')?.state ?? 'none';

beforeAll(async () => {
  stage = await openRoom(install, ONE_RUNG);
  seatRoom = `seat_${stage.playbackId}`;
  const host = await enterRoom(wsUrl, await tokenOf(stage.roomName, 'host_1', true), {
    size: { width: 640, height: 360 },
    fps: 20,
    // Another brightness four times a second.
    paint: (luma, frame) => luma.fill(40 + ((Math.floor(frame / 5) * 37) % 180)),
  });
  stops.push(host.leave);
  egress = await startEgress(install, stage);
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop().catch(() => undefined);
  await egress?.stop();
  await stage?.rooms.deleteRoom(seatRoom).catch(() => undefined);
  await dispose();
});

test('nothing is published into seats that nobody asked for', async () => {
  expect(await stateOfSeats()).toBe('none');
  expect(await inSeats()).toEqual([]);
});

test('when the stage asks for seats, a viewer sees moving pictures and hears sound; the cost is admitted', async () => {
  const before = (await egress.look()).process.promisedCores;
  await egress.setSeats(seatRoom);
  await expect.poll(stateOfSeats, { timeout: 20_000 }).toBe('live');
  const seen = watch(await joinAsViewer('viewer_1'));
  await expect.poll(() => seen.levels.size, { timeout: 20_000 }).toBeGreaterThan(4);
  await expect.poll(() => seen.loud, { timeout: 20_000 }).toBeGreaterThan(50);
  expect((await egress.look()).process.promisedCores).toBeGreaterThan(before);
  expect(await inSeats()).toContain('program');
});

test('a seats room that is taken away is made again, and a new viewer sees the program', async () => {
  await stage.rooms.deleteRoom(seatRoom);
  await expect.poll(inSeats, { timeout: 30_000 }).toContain('program');
  const seen = watch(await joinAsViewer('viewer_2'));
  await expect.poll(() => seen.pictures, { timeout: 20_000 }).toBeGreaterThan(10);
});

test('when the seats are no longer asked for, the program leaves and its cost is given back; the broadcast goes on', async () => {
  const before = await egress.look();
  await egress.setSeats(null);
  await expect.poll(inSeats, { timeout: 20_000 }).not.toContain('program');
  await expect.poll(async () => (await egress.look()).process.promisedCores).toBeLessThan(before.process.promisedCores);
  await expect.poll(async () => (await egress.look()).ticks, { timeout: 10_000 }).toBeGreaterThan(before.ticks + 30);
  expect((await egress.look()).process.restarts).toBe(0);
});
