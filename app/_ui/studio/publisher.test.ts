import { expect, test } from 'vitest';
import {
  makePublisher,
  type PublishedTracks,
  type PublisherState,
  type RoomEvents,
  retryDelayMs,
} from './publisher.ts';

/** A room that connects or refuses as told and remembers what was published. */
function makeStage() {
  const states: PublisherState['kind'][] = [];
  const rooms: { events: RoomEvents; tracks: PublishedTracks[]; closed: boolean }[] = [];
  const waits: number[] = [];
  let refusals = 0;
  let releaseWait: (() => void) | null = null;
  const publisher = makePublisher({
    onState: (state) => states.push(state.kind),
    wait: (ms, signal) => {
      waits.push(ms);
      return new Promise((resolve) => {
        releaseWait = resolve;
        signal.addEventListener('abort', () => resolve());
      });
    },
    connect: async (events) => {
      if (refusals > 0) {
        refusals--;
        throw new Error('refused');
      }
      const room = { events, tracks: [] as PublishedTracks[], closed: false };
      rooms.push(room);
      return {
        setTracks: async (tracks) => void room.tracks.push(tracks),
        close: async () => {
          room.closed = true;
        },
      };
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    publisher,
    states,
    rooms,
    waits,
    settle,
    refuse: (times: number) => {
      refusals = times;
    },
    passWait: async () => {
      releaseWait?.();
      await settle();
    },
  };
}

test('a lost room is opened again with the same tracks, waiting longer each time', async () => {
  const stage = makeStage();
  await stage.publisher.start();
  stage.refuse(2);
  stage.rooms[0]?.events.onLost('lost');
  await stage.passWait();
  await stage.passWait();
  await stage.passWait();
  expect(stage.waits).toEqual([500, 1000, 2000]);
  expect(stage.rooms).toHaveLength(2);
  expect(stage.rooms[1]?.tracks).toHaveLength(1);
  expect(stage.states.at(-1)).toBe('connected');
});

test('whoever was replaced or removed does not fight for the place', async () => {
  for (const reason of ['taken-over', 'removed'] as const) {
    const stage = makeStage();
    await stage.publisher.start();
    stage.rooms[0]?.events.onLost(reason);
    await stage.settle();
    expect(stage.states.at(-1)).toBe(reason);
    expect(stage.waits).toEqual([]);
  }
});

test('stopping while a retry waits ends it and opens nothing', async () => {
  const stage = makeStage();
  await stage.publisher.start();
  stage.rooms[0]?.events.onLost('lost');
  await stage.settle();
  await stage.publisher.stop();
  await stage.settle();
  expect(stage.rooms).toHaveLength(1);
  expect(stage.states.at(-1)).toBe('off');
});

test('a first try that fails is told to the caller and leaves nothing running', async () => {
  const stage = makeStage();
  stage.refuse(1);
  await expect(stage.publisher.start()).rejects.toThrow('refused');
  expect(stage.states).toEqual(['connecting', 'off']);
});

test('an event of a room that was closed changes nothing', async () => {
  const stage = makeStage();
  await stage.publisher.start();
  await stage.publisher.stop();
  const before = stage.states.length;
  stage.rooms[0]?.events.onLost('lost');
  stage.rooms[0]?.events.onReconnected();
  expect(stage.states).toHaveLength(before);
  expect(stage.rooms[0]?.closed).toBe(true);
});

test('the wait between tries stops growing at 8 s', () => {
  expect([1, 2, 3, 4, 5, 6, 50].map(retryDelayMs)).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
});
