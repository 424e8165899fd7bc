import { Redis } from 'ioredis';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, expect, test } from 'vitest';
import { feedKeys } from '#core/playback/live-feed';
import { type DirectEgress, ONE_RUNG, openRoom, startEgress } from '../../infra/bench/lib/direct-egress.ts';
import { openInstall } from '../../infra/bench/lib/install.ts';

const install = openInstall();
const redis = new Redis(install.env.REDIS_URL ?? '');
const running: DirectEgress[] = [];

afterAll(async () => {
  for (const egress of running) await egress.stop();
  await redis.quit();
});

test('R-22: a room that is deleted ends its egress, not the show: the next egress goes on in the same feed, and nothing of it expires', async () => {
  const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = install.env;
  const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
  const room = await openRoom(install, ONE_RUNG);
  const { roomName, playbackId } = room;
  const [{ metadata } = { metadata: '' }] = await rooms.listRooms([roomName]);
  const stream = feedKeys.stream(playbackId, '720p');
  const keys = [feedKeys.record(playbackId), feedKeys.init(playbackId), stream, feedKeys.index(playbackId, '720p')];
  const record = () => redis.hgetall(feedKeys.record(playbackId));
  const left = () => Promise.all(keys.map((key) => redis.ttl(key)));
  const kinds = async () => (await redis.xrange(stream, '-', '+')).map(([, [, kind]]) => kind);

  running.push(await startEgress(install, room));
  await expect.poll(async () => (await kinds()).includes('segment')).toBe(true);
  await rooms.deleteRoom(roomName);
  // Whoever looks at an abandoned feed finds it gone in the end.
  await expect.poll(async () => (await left()).every((seconds) => seconds > 0), { timeout: 30_000 }).toBe(true);
  expect(await record()).toMatchObject({ state: 'starting', epoch: '1' });
  expect(await kinds()).not.toContain('end');

  await rooms.createRoom({ name: roomName, emptyTimeout: 600, metadata });
  running.push(await startEgress(install, room));
  await expect.poll(async () => (await record()).state).toBe('active');
  expect(await record()).toMatchObject({ epoch: '2' });
  expect(await left()).toEqual(keys.map(() => -1));

  await running.at(-1)?.stop();
  await expect.poll(async () => (await record()).state, { timeout: 30_000 }).toBe('ended');
  expect(await kinds()).toContain('end');
}, 120_000);
