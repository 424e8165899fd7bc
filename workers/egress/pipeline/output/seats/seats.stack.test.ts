import {
  AudioFrame,
  AudioSource,
  AudioStream,
  dispose,
  LocalAudioTrack,
  LocalVideoTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
  VideoStream,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DirectEgress, ONE_RUNG, openRoom, startEgress } from '../../../../../infra/bench/lib/direct-egress.ts';
import { openInstall } from '../../../../../infra/bench/lib/install.ts';

/** The program in WebRTC seats, as a viewer of the seats' room gets it from a running install. */
const install = openInstall();
const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = install.env;
const wsUrl = LIVEKIT_URL.replace(/^http/, 'ws');

let stage: Awaited<ReturnType<typeof openRoom>>;
let egress: DirectEgress;
let seatRoom: string;
const stops: (() => Promise<unknown>)[] = [];

async function join(roomName: string, identity: string, canPublish: boolean): Promise<Room> {
  const token = new AccessToken(LIVEKIT_API_KEY, LIVEKIT_API_SECRET, { identity });
  token.addGrant({ room: roomName, roomJoin: true, canPublish, canSubscribe: !canPublish, hidden: !canPublish });
  const room = new Room();
  await room.connect(wsUrl, await token.toJwt(), { autoSubscribe: !canPublish, dynacast: false });
  stops.push(() => room.disconnect());
  return room;
}

/** A host whose picture changes its brightness four times a second, and who hums. */
async function publishHost(): Promise<void> {
  const room = await join(stage.roomName, 'host_1', true);
  const [width, height] = [640, 360];
  const video = new VideoSource(width, height);
  const audio = new AudioSource(48_000, 1);
  const camera = { source: TrackSource.SOURCE_CAMERA, simulcast: false };
  const microphone = { source: TrackSource.SOURCE_MICROPHONE };
  const me = room.localParticipant;
  await me?.publishTrack(LocalVideoTrack.createVideoTrack('c', video), new TrackPublishOptions(camera));
  await me?.publishTrack(LocalAudioTrack.createAudioTrack('m', audio), new TrackPublishOptions(microphone));
  const picture = new Uint8Array((width * height * 3) / 2).fill(128);
  const begun = Date.now();
  const timer = setInterval(() => {
    picture.fill(40 + ((Math.floor((Date.now() - begun) / 250) * 37) % 180), 0, width * height);
    video.captureFrame(new VideoFrame(picture, width, height, VideoBufferType.I420));
  }, 50);
  let running = true;
  void (async () => {
    for (let at = 0; running; at += 480) {
      const tone = Int16Array.from(
        { length: 480 },
        (_, i) => 9_000 * Math.sin(((at + i) * 2 * Math.PI * 440) / 48_000),
      );
      await audio.captureFrame(new AudioFrame(tone, 48_000, 1, 480)).catch(() => {
        running = false;
      });
    }
  })();
  stops.push(async () => {
    clearInterval(timer);
    running = false;
  });
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
  await publishHost();
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
  const seen = watch(await join(seatRoom, 'viewer_1', false));
  await expect.poll(() => seen.levels.size, { timeout: 20_000 }).toBeGreaterThan(4);
  await expect.poll(() => seen.loud, { timeout: 20_000 }).toBeGreaterThan(50);
  expect((await egress.look()).process.promisedCores).toBeGreaterThan(before);
  expect(await inSeats()).toContain('program');
});

test('a seats room that is taken away is made again, and a new viewer sees the program', async () => {
  await stage.rooms.deleteRoom(seatRoom);
  await expect.poll(inSeats, { timeout: 30_000 }).toContain('program');
  const seen = watch(await join(seatRoom, 'viewer_2', false));
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
