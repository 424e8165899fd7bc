import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RoomMetadata } from '#core/scene/scene';
import { appRequest, testConfig } from '../../../service/fixtures/requests.ts';
import { acceptRequest } from '../../../service/requests.ts';
import { openSeats, seatRoomOf } from './open-seats.ts';
import { seatSize } from './seat-picture.ts';

const plan = acceptRequest(appRequest('EG_1', 'ch_1'), testConfig(), 0).plan;
const parts = (asked: boolean[]) => ({
  askRoom: (wanted: boolean) => void asked.push(wanted),
  openScaler: () => ({ scale: async (frame: never) => frame, close: () => undefined }),
  log: pino({ level: 'silent' }),
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('seats are for the egress that makes the show, not for others of the room', () => {
  expect(openSeats(plan, parts([]))).not.toBeNull();
  expect(openSeats({ ...plan, segments: null }, parts([]))).toBeNull();
  const metadata = RoomMetadata.parse({ v: 1, playbackId: 'pb_1', seats: { room: 'seat_1' } });
  expect(seatRoomOf(plan, metadata)).toBe('seat_1');
  expect(seatRoomOf(plan, { ...metadata, playbackId: 'pb_other' })).toBeNull();
  expect(seatRoomOf(plan, { ...metadata, seats: undefined })).toBeNull();
});

test('a worker without room for seats is asked again, until they are no longer wanted', async () => {
  const asked: boolean[] = [];
  const seats = openSeats(plan, parts(asked));
  seats?.want('seat_1');
  expect(asked).toEqual([true]);
  expect(seats?.facts()).toMatchObject([{ kind: 'seats', state: 'waiting-for-room' }]);
  seats?.allow(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toEqual([true, true]);
  seats?.allow(false);
  seats?.want(null);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([true, true]);
  expect(seats?.facts()).toEqual([]);
  await seats?.close();
});

test('the end of a show does not wait for a LiveKit that does not answer', async () => {
  const silent = createServer();
  const taken: Socket[] = [];
  silent.on('connection', (socket) => void taken.push(socket.on('error', () => undefined)));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  const livekit = { ...plan.livekit, url: `ws://127.0.0.1:${port}` };
  const seats = openSeats({ ...plan, livekit }, parts([]));
  seats?.want('seat_1');
  seats?.allow(true);
  await vi.waitFor(() => expect(taken.length).toBe(1));
  // The clock stands still: nothing here may wait for a time limit.
  await seats?.close();
  for (const socket of taken) socket.destroy();
  silent.close();
});

test('a seat is never larger than 720 lines and keeps the shape of the program', () => {
  expect(seatSize({ width: 1920, height: 1080 })).toEqual({ width: 1280, height: 720 });
  expect(seatSize({ width: 1080, height: 1920 })).toEqual({ width: 720, height: 1280 });
  expect(seatSize({ width: 640, height: 360 })).toEqual({ width: 640, height: 360 });
});
