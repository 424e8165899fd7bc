import type { EventEmitter } from 'node:events';
import { dispose } from '@livekit/rtc-node';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ONE_RUNG, openRoom } from '../../../../infra/bench/lib/direct-egress.ts';
import { eventually, openInstall } from '../../../../infra/bench/lib/install.ts';
import { RoomSource } from './room.ts';

/** Our seat in a room of a running LiveKit. */
const { LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '' } = openInstall().env;
const EGRESS = 'EG_listens';

let stage: Awaited<ReturnType<typeof openRoom>>;
let source: RoomSource<{ write(): void }>;
beforeAll(async () => {
  stage = await openRoom(openInstall(), ONE_RUNG);
});
afterAll(async () => {
  await source?.close();
  await stage?.rooms.deleteRoom(stage.roomName).catch(() => undefined);
  await dispose();
});

const listeners = () => (Reflect.get(globalThis, '_ffiClientInstance') as EventEmitter).listenerCount('ffi_event');

test('after being sent out of the room it joins again, and listens no more to the room that is gone', async () => {
  let joins = 0;
  const log = pino({ level: 'info' }, { write: (line) => void (line.includes('joined the room') && joins++) });
  const nothing = () => undefined;
  source = new RoomSource(
    {
      egressId: EGRESS,
      roomName: stage.roomName,
      wanted: { kind: 'room', layout: 'scene' },
      livekit: {
        url: LIVEKIT_URL.replace(/^http/, 'ws'),
        apiKey: LIVEKIT_API_KEY,
        apiSecret: LIVEKIT_API_SECRET,
      },
    },
    () => ({ write: nothing }),
    {
      onTap: nothing,
      onUntap: nothing,
      onDeleted: nothing,
      onScene: nothing,
      onLayout: nothing,
      onGone: nothing,
      onMissing: nothing,
    },
    log,
  );
  source.open();
  await eventually('joined', async () => joins === 1);
  const alone = listeners();
  for (const time of [2, 3, 4]) {
    await stage.rooms.removeParticipant(stage.roomName, EGRESS);
    await eventually(`joined for the ${time}th time`, async () => joins === time);
  }
  await eventually('one room is listened to', async () => listeners() === alone);
  expect(alone).toBeGreaterThan(0);
  await source.close();
  expect(listeners()).toBe(alone - 1);
});
