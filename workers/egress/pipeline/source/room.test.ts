import { DisconnectReason, RoomEvent, TrackSource } from '@livekit/rtc-node';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TappedTrack } from '../../plan.ts';
import { FakeRoom, fakeParts } from './fixtures/fake-room.ts';
import { APPEAR_MS, PERSON_GRACE_MS, TRACK_GRACE_MS } from './presence.ts';
import { RoomSource } from './room.ts';
import { MAX_PICTURES, MAX_SOUNDS } from './subscriptions.ts';
import type { RoomWanted } from './wanted.ts';

type Sink = { write(samples: Int16Array): void; sid?: string; channel: string };

const { SOURCE_CAMERA, SOURCE_MICROPHONE, SOURCE_SCREENSHARE, SOURCE_SCREENSHARE_AUDIO } = TrackSource;
const livekit = { url: 'ws://127.0.0.1:1', apiKey: 'key', apiSecret: 'secret-of-at-least-32-characters' };
const happened: string[] = [];
const asked: string[] = [];
/** Tracks that the source says it has in hand. */
const inHand = new Set<string>();
let source: RoomSource<Sink>;

beforeEach(() => {
  vi.useFakeTimers();
  happened.length = 0;
  asked.length = 0;
  inHand.clear();
});

afterEach(async () => {
  await source.close();
  vi.useRealTimers();
});

async function open(
  wanted: RoomWanted,
  fill: (room: FakeRoom) => void,
  { later = [], ...more }: { later?: FakeRoom[]; apart?: 'agents' | 'alternate'; leftOut?: TappedTrack[] } = {},
): Promise<FakeRoom> {
  const room = new FakeRoom();
  fill(room);
  const events = {
    onTap: ({ sid }: TappedTrack) => void inHand.add(sid),
    onUntap: (sid: string) => void inHand.delete(sid),
    onDeleted: () => happened.push('deleted'),
    onScene: () => {},
    onLayout: (name: string) => happened.push(`layout ${name}`),
    onGone: () => happened.push('gone'),
    onMissing: (what: string) => happened.push(what),
  };
  const plan = {
    egressId: 'EG_1',
    roomName: 'r',
    livekit,
    wanted,
    ...more,
  };
  source = new RoomSource<Sink>(
    plan,
    (channel) => ({ write() {}, channel }),
    events,
    pino({ level: 'silent' }),
    fakeParts([room, ...later], asked),
  );
  source.open();
  await vi.waitFor(() => expect(room.autoSubscribe).not.toBeNull());
  await vi.advanceTimersByTimeAsync(0);
  return room;
}

function twoGuests(room: FakeRoom): void {
  for (const [identity, letter] of [
    ['enc_primary', 'a'],
    ['enc_backup', 'b'],
  ] as const) {
    room.enter(identity);
    room.publish(identity, `TR_V${letter}`, SOURCE_CAMERA);
    room.publish(identity, `TR_S${letter}`, SOURCE_SCREENSHARE);
    room.publish(identity, `TR_A${letter}`, SOURCE_MICROPHONE);
    room.publish(identity, `TR_T${letter}`, SOURCE_SCREENSHARE_AUDIO);
  }
}

const heard = () => source.view().people.flatMap(({ sounds }) => sounds.map(({ sid }) => sid));

test('named tracks of two people are the only ones received, drawn as one person with every named sound', async () => {
  const room = await open({ kind: 'tracks', videoTrackId: 'TR_Vb', audioTrackIds: ['TR_Aa', 'TR_Ab'] }, twoGuests);
  expect(room.autoSubscribe).toBe(false);
  expect([...room.subscribed].sort()).toEqual(['TR_Aa', 'TR_Ab', 'TR_Vb']);
  expect(source.view().people).toMatchObject([
    { identity: 'enc_backup', camera: true, screen: false, sound: true, cameraTap: { sid: 'TR_Vb' } },
  ]);
  expect(heard()).toEqual(['TR_Aa', 'TR_Ab']);
});

test('people come in the order of joining, whatever order the room lists them in', async () => {
  const room = await open({ kind: 'room', layout: 'grid' }, (r) => {
    r.enter('second', 2000);
    r.enter('first', 1000);
  });
  room.enter('third', 3000);
  expect(source.view().people.map(({ identity }) => identity)).toEqual(['first', 'second', 'third']);
});

test('a named track that is published after we joined is received as well', async () => {
  const room = await open({ kind: 'tracks', videoTrackId: 'TR_V', audioTrackIds: [] }, (r) => r.enter('guest'));
  expect(source.view().people.some(({ camera }) => camera)).toBe(false);
  room.publish('guest', 'TR_other', SOURCE_CAMERA);
  room.publish('guest', 'TR_V', SOURCE_SCREENSHARE);
  expect(room.subscribed).toEqual(['TR_V']);
  expect(source.view().people).toMatchObject([{ screen: true, camera: false, screenTap: { sid: 'TR_V' } }]);
  await vi.advanceTimersByTimeAsync(APPEAR_MS * 2);
  expect(happened).toEqual([]);
});

test('a track egress ends when the last of its tracks is unpublished for good', async () => {
  const room = await open({ kind: 'tracks', videoTrackId: 'TR_Va', audioTrackIds: ['TR_Ab'] }, twoGuests);
  room.unpublish('enc_primary', 'TR_Va');
  await vi.advanceTimersByTimeAsync(TRACK_GRACE_MS * 2);
  expect(happened).toEqual([]);
  room.leave('enc_backup');
  await vi.advanceTimersByTimeAsync(TRACK_GRACE_MS);
  expect(happened).toEqual(['gone']);
});

test('of media the picture of one person is received and every sound a route takes, each on its channel', async () => {
  const wanted: RoomWanted = {
    kind: 'media',
    video: { identity: 'enc_backup', preferScreen: false },
    routes: [
      { of: 'track', id: 'TR_Aa', channel: 'left' },
      { of: 'person', identity: 'enc_backup', channel: 'right' },
    ],
  };
  const room = await open(wanted, twoGuests);
  expect([...room.subscribed].sort()).toEqual(['TR_Aa', 'TR_Ab', 'TR_Tb', 'TR_Vb']);
  const [person] = source.view().people;
  expect(person).toMatchObject({ identity: 'enc_backup', camera: true, screen: false });
  expect(person?.sounds.map(({ sid, channel }) => `${sid} ${channel}`).sort()).toEqual([
    'TR_Aa left',
    'TR_Ab right',
    'TR_Tb right',
  ]);
  room.leave('enc_primary');
  await vi.advanceTimersByTimeAsync(PERSON_GRACE_MS * 2);
  expect(happened).toEqual([]);
  room.leave('enc_backup');
  await vi.advanceTimersByTimeAsync(PERSON_GRACE_MS);
  expect(happened).toEqual(['gone']);
});

test('media that takes everybody waits for nobody and ends with nobody', async () => {
  const room = await open({ kind: 'media', video: null, routes: [{ of: 'all', channel: 'both' }] }, twoGuests);
  expect([...room.subscribed].sort()).toEqual(['TR_Aa', 'TR_Ab', 'TR_Ta', 'TR_Tb']);
  room.leave('enc_primary');
  room.leave('enc_backup');
  await vi.advanceTimersByTimeAsync(APPEAR_MS * 2);
  expect(happened).toEqual([]);
});

test('voices that are kept apart alternate between the channels', async () => {
  const room = await open({ kind: 'participant', identity: 'enc_primary', screenShare: false }, twoGuests, {
    apart: 'alternate',
  });
  room.publish('enc_primary', 'TR_more', SOURCE_MICROPHONE);
  const [person] = source.view().people;
  expect(person?.sounds.map(({ channel }) => channel)).toEqual(['left', 'right']);
});

test("a layout comes with our own metadata, and other people's metadata is theirs", async () => {
  const room = await open({ kind: 'room', layout: 'grid' }, twoGuests);
  const tell = (identity: string, text: string) => room.emit(RoomEvent.ParticipantMetadataChanged, text, { identity });
  tell('enc_primary', '{"layout":"pip"}');
  tell('EG_1', 'no layout');
  tell('EG_1', '{"layout":"speaker-dark"}');
  expect(happened).toEqual(['layout speaker-dark']);
});

test('a named track that never comes is reported by name', async () => {
  await open({ kind: 'tracks', videoTrackId: 'TR_Va', audioTrackIds: ['TR_none'] }, twoGuests);
  await vi.advanceTimersByTimeAsync(APPEAR_MS);
  expect(happened).toEqual(['The track TR_none']);
});

test('of a participant the camera and microphone are received, or the screen and its sound', async () => {
  const camera = await open({ kind: 'participant', identity: 'enc_backup', screenShare: false }, twoGuests);
  expect(camera.subscribed).toEqual(['TR_Vb', 'TR_Ab']);
  expect(source.view().people.map(({ identity }) => identity)).toEqual(['enc_backup']);
  await source.close();
  const screen = await open({ kind: 'participant', identity: 'enc_backup', screenShare: true }, twoGuests);
  expect(screen.subscribed).toEqual(['TR_Sb', 'TR_Tb']);
  expect(heard()).toEqual(['TR_Tb']);
});

test('a participant who comes back within the grace period goes on, one who stays away ends the egress', async () => {
  const room = await open({ kind: 'participant', identity: 'guest', screenShare: false }, (r) => r.enter('guest'));
  room.leave('guest');
  await vi.advanceTimersByTimeAsync(PERSON_GRACE_MS - 1);
  room.enter('guest');
  await vi.advanceTimersByTimeAsync(PERSON_GRACE_MS * 2);
  expect(happened).toEqual([]);
  room.leave('guest');
  await vi.advanceTimersByTimeAsync(PERSON_GRACE_MS);
  expect(happened).toEqual(['gone']);
});

test('nobody counts as gone while we are out of the room ourselves', async () => {
  const again = new FakeRoom();
  twoGuests(again);
  const refused = new FakeRoom();
  refused.connect = () => Promise.reject(new Error('LiveKit is down'));
  const wanted = { kind: 'tracks' as const, videoTrackId: 'TR_Va', audioTrackIds: [] };
  const down = Array.from({ length: 4 }, () => refused);
  const room = await open(wanted, twoGuests, { later: [...down, again] });
  room.emit(RoomEvent.Disconnected, DisconnectReason.STATE_MISMATCH);
  await vi.advanceTimersByTimeAsync(TRACK_GRACE_MS);
  expect(source.view().people).toEqual([]);
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(1000);
    expect(again.autoSubscribe).toBe(false);
  });
  await vi.advanceTimersByTimeAsync(TRACK_GRACE_MS * 2);
  expect(source.view().people).toMatchObject([{ cameraTap: { sid: 'TR_Va' } }]);
  expect(happened).toEqual([]);
});

test('a whole room never ends because everybody left', async () => {
  const room = await open({ kind: 'room', layout: 'scene' }, twoGuests);
  expect(room.autoSubscribe).toBe(false);
  expect(room.received.size).toBe(8);
  room.leave('enc_primary');
  room.leave('enc_backup');
  await vi.advanceTimersByTimeAsync(APPEAR_MS * 2);
  expect(source.view().people).toEqual([]);
  expect(happened).toEqual([]);
});

test('a drawn camera is asked for in the size of its box, a picture nobody sees in the smallest', async () => {
  await open({ kind: 'participant', identity: 'enc_backup', screenShare: false }, twoGuests);
  source.setDrawn([{ identity: 'enc_backup', source: 'camera', width: 640, height: 360 }], 0);
  expect(asked).toEqual(['TR_Vb 640x360']);
  await source.close();
  asked.length = 0;
  await open({ kind: 'tracks', videoTrackId: 'TR_Va', audioTrackIds: [] }, twoGuests);
  source.setDrawn([], 0);
  source.setDrawn([{ identity: 'whoever', source: 'camera', width: 1280, height: 720 }], 500);
  expect(asked).toEqual(['TR_Va 16x16', 'TR_Va 1280x720']);
});

test('a room that was left takes nothing away from the one that was joined after it', async () => {
  const fill = (room: FakeRoom) => {
    room.enter('host_1');
    room.publish('host_1', 'TR_cam', SOURCE_CAMERA);
  };
  const again = new FakeRoom();
  fill(again);
  const room = await open({ kind: 'tracks', videoTrackId: 'TR_cam', audioTrackIds: [] }, fill, { later: [again] });
  room.emit(RoomEvent.Disconnected, DisconnectReason.SIGNAL_CLOSE);
  await vi.advanceTimersByTimeAsync(1000);
  expect(source.view().people).toMatchObject([{ identity: 'host_1', cameraTap: { sid: 'TR_cam' } }]);
  room.unpublish('host_1', 'TR_cam');
  room.leave('host_1');
  expect(source.view().people).toMatchObject([{ identity: 'host_1', cameraTap: { sid: 'TR_cam' } }]);
});

const pictures = (room: FakeRoom) => [...room.received].filter((sid) => sid.startsWith('TR_V'));
const draw = (nowMs: number, ...identities: string[]) =>
  source.setDrawn(
    identities.map((identity) => ({ identity, source: 'camera' as const, width: 640, height: 360 })),
    nowMs,
  );

test('R-26: of a hundred tracks what is drawn is received and no more than the cap, and those who run the show are told', async () => {
  const room = await open({ kind: 'room', layout: 'scene' }, (r) => {
    for (let n = 0; n < 100; n++) {
      r.enter(`guest_${n}`);
      r.publish(`guest_${n}`, `TR_V${n}`, SOURCE_CAMERA);
      r.publish(`guest_${n}`, `TR_A${n}`, SOURCE_MICROPHONE);
    }
  });
  expect(pictures(room)).toEqual(Array.from({ length: MAX_PICTURES }, (_, n) => `TR_V${n}`));
  expect(room.received.size).toBe(MAX_PICTURES + MAX_SOUNDS);
  expect(source.notes()).toEqual([{ code: 'pictures-capped', most: 16, of: 100 }]);
  draw(0, 'guest_90', 'guest_3');
  expect(pictures(room)).toHaveLength(MAX_PICTURES);
  expect(pictures(room)).toContain('TR_V90');
  expect([...room.received]).toContain('TR_A90');
  const people = new Map(source.view().people.map((one) => [one.identity, one]));
  expect(people.get('guest_90')?.cameraTap).toMatchObject({ sid: 'TR_V90' });
  expect(people.get('guest_99')).toMatchObject({ camera: true, cameraTap: null });
  // What was received and is still within the cap is not exchanged.
  const before = pictures(room);
  draw(500, 'guest_3');
  expect(pictures(room)).toEqual(before);
});

test('R-26: a flood of tracks that come and go leaves what is drawn alone, and nothing behind', async () => {
  const room = await open({ kind: 'room', layout: 'scene' }, (r) => {
    r.enter('host_1');
    r.publish('host_1', 'TR_Vhost', SOURCE_CAMERA);
  });
  draw(0, 'host_1');
  room.enter('flood');
  for (let n = 0; n < 1200; n++) {
    room.publish('flood', `TR_V${n}`, SOURCE_CAMERA);
    if (n >= 40) room.unpublish('flood', `TR_V${n - 40}`);
  }
  expect(room.subscribed.filter((sid) => sid === 'TR_Vhost')).toHaveLength(1);
  expect(pictures(room)).toHaveLength(MAX_PICTURES);
  expect([...inHand].sort()).toEqual([...room.received].sort());
  for (let n = 1160; n < 1200; n++) room.unpublish('flood', `TR_V${n}`);
  expect([...inHand]).toEqual(['TR_Vhost']);
  expect(source.notes()).toEqual([]);
});

test('R-2: a track that is left out is not received, its person stays, and it is told as long as it is there', async () => {
  const leftOut = [{ sid: 'TR_Va', identity: 'enc_primary', picture: true }];
  const room = await open({ kind: 'room', layout: 'scene' }, twoGuests, { leftOut });
  expect(room.received.has('TR_Va')).toBe(false);
  expect(inHand).toEqual(room.received);
  expect(source.view().people[0]).toMatchObject({
    identity: 'enc_primary',
    camera: true,
    cameraTap: null,
    sound: true,
  });
  expect(source.notes()).toEqual([{ code: 'left-out', identity: 'enc_primary', picture: true }]);
  room.unpublish('enc_primary', 'TR_Va');
  expect(source.notes()).toEqual([]);
  room.publish('enc_primary', 'TR_Vnew', SOURCE_CAMERA);
  expect(room.received.has('TR_Vnew')).toBe(true);
});

test('R-29: a scene that cannot be read leaves the last good one on air and is told by its field', async () => {
  const tell = (metadata: unknown) =>
    room.emit(RoomEvent.RoomMetadataChanged, typeof metadata === 'string' ? metadata : JSON.stringify(metadata));
  const room = await open({ kind: 'room', layout: 'scene' }, twoGuests);
  tell({ v: 1, scene: { version: 7, layout: 'speaker' } });
  const scene = () => source.view().metadata?.scene;
  const cases: [unknown, string][] = [
    [{ v: 1, scene: { version: 8, layout: 'upside-down' } }, 'scene.layout'],
    [{ v: 1, scene: { slots: [{ identity: 'host_1', gain: 'loud' }] } }, 'scene.slots.0.gain'],
    [{ v: 1, scene: { background: { color: 'x'.repeat(600_000) } } }, 'scene.background.color'],
    ['{"v":1', 'metadata'],
  ];
  for (const [metadata, field] of cases) {
    tell(metadata);
    expect(scene()).toMatchObject({ version: 7, layout: 'speaker' });
    expect(source.notes()).toEqual([{ code: 'scene-unreadable', field }]);
  }
  tell({ v: 1, scene: { version: 9, layout: 'grid' } });
  expect(scene()).toMatchObject({ version: 9, layout: 'grid' });
  expect(source.notes()).toEqual([]);
});
