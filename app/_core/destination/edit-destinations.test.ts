import { beforeEach, describe, expect, test } from 'vitest';
import { memoryChannelStore } from '#adapters/memory/channel-store';
import { memoryDestinationStore, memoryPushRemovals } from '#adapters/memory/destination-store';
import { refreshPushes } from '#core/broadcast/refresh-pushes';
import type { FeedPush, FeedRecord } from '#core/playback/live-feed';
import { AddDestination, addDestination, EditDestination, editDestination } from './edit-destinations.ts';
import { readTargetPolicy } from './target-address.ts';

const actor = { kind: 'user' as const, userId: 'u1', name: 'Ada', email: 'a@b.c', isAdmin: false };
const handle = 'ada';

async function openRooms() {
  const channels = memoryChannelStore();
  let made = 0;
  const rooms = {
    stores: { channels, destinations: memoryDestinationStore(), pushRemovals: memoryPushRemovals() },
    resolver: { resolve: async () => [] },
    targets: readTargetPolicy('', ''),
    ids: { make: (prefix: string) => `${prefix}_${++made}` },
    clock: { now: () => new Date(1_700_000_000_000 + made) },
  };
  await channels.add({ id: 'ch_1', handle, name: 'Ada', ownerId: 'u1', createdAt: rooms.clock.now() });
  return rooms;
}

let rooms: Awaited<ReturnType<typeof openRooms>>;
beforeEach(async () => {
  rooms = await openRooms();
});
const add = async (input: object) => {
  const { destination } = await addDestination(rooms, { actor, handle, input: AddDestination.parse(input) });
  return destination;
};
const edit = (id: string, input: object) =>
  editDestination(rooms, { actor, handle, id, input: EditDestination.parse(input) });
const pushUrlOf = async (id: string) =>
  (await rooms.stores.destinations.findTargets('ch_1')).find((one) => one.destination.id === id)?.pushUrl;

describe('an SRT destination', () => {
  test('is shown without stream id and passphrase, wherever they were typed', async () => {
    const pasted = await add({
      kind: 'srt',
      url: 'srt://live.example:9000?streamid=pub/key&passphrase=0123456789&latency=200',
    });
    expect(pasted).toMatchObject({
      name: 'Custom SRT',
      url: 'srt://live.example:9000?latency=200',
      hasStreamKey: true,
    });
    expect(await pushUrlOf(pasted.id)).toBe(
      'srt://live.example:9000?latency=200&streamid=pub%2Fkey&passphrase=0123456789',
    );
    const typed = await add({ url: 'srt://live.example:9000', streamKey: '#!::u=a', passphrase: 'correct horse' });
    expect(await pushUrlOf(typed.id)).toBe(
      'srt://live.example:9000?streamid=%23!%3A%3Au%3Da&passphrase=correct%20horse',
    );
    expect(JSON.stringify(await rooms.stores.destinations.findOfChannel('ch_1'))).not.toMatch(/pub|0123456789|horse/);
  });

  test('keeps each secret that an edit does not name', async () => {
    const { id } = await add({ url: 'srt://h.example:1', streamKey: 'one', passphrase: '0123456789' });
    await edit(id, { streamKey: 'two' });
    expect(await pushUrlOf(id)).toBe('srt://h.example:1?streamid=two&passphrase=0123456789');
    await edit(id, { url: 'srt://h.example:2?latency=500' });
    expect(await pushUrlOf(id)).toBe('srt://h.example:2?latency=500&streamid=two&passphrase=0123456789');
    await edit(id, { passphrase: '' });
    expect(await pushUrlOf(id)).toBe('srt://h.example:2?latency=500&streamid=two');
    expect(await rooms.stores.pushRemovals.find('ch_1')).toHaveLength(3);
    await edit(id, { url: 'rtmp://h.example/app' });
    expect(await pushUrlOf(id)).toBe('rtmp://h.example/app');
  });

  test.each([
    [{ kind: 'srt', url: 'rtmp://h.example/app' }, 'url'],
    [{ kind: 'srt' }, 'url'],
    [{ url: 'srt://h.example:1?mode=listener' }, 'url'],
    [{ url: 'srt://10.0.0.1:1' }, 'url'],
    [{ url: 'srt://h.example:1', passphrase: 'short' }, 'passphrase'],
    [{ url: 'rtmp://h.example/app', passphrase: '0123456789' }, 'passphrase'],
  ])('%o is refused and names the field', async (input, field) => {
    await expect(add(input)).rejects.toMatchObject({ field });
  });
});

test('the twenty-first destination is refused, and the field is named', async () => {
  for (let index = 0; index < 20; index++) await add({ url: `rtmp://h.example/app${index}`, streamKey: 'k' });
  await expect(add({ url: 'rtmp://h.example/app', streamKey: 'k' })).rejects.toMatchObject({
    code: 'conflict',
    field: 'url',
    message: expect.stringContaining('at most 20'),
  });
});

test('a push that failed is tried again when its destination is saved, even unchanged', async () => {
  const { id } = await add({ url: 'rtmp://h.example/app', streamKey: 'k' });
  const changes: { add: readonly string[] }[] = [];
  const push = (state: FeedPush['state']): FeedPush => ({
    ...{
      id: 'rtmp://h.example/app/k',
      state,
      bitrateKbps: 0,
      droppedFrames: 0,
      retries: 2,
      lastError: null,
      sinceMs: 0,
    },
  });
  const feedOf = (state: FeedPush['state']) =>
    ({ state: 'active', egressId: 'EG_1', pushes: [push(state)] }) as unknown as FeedRecord;
  const live = (state: FeedPush['state']) =>
    ({
      stores: {
        ...rooms.stores,
        broadcasts: { find: async () => [{ id: 'b1', channelId: 'ch_1', playbackId: 'p1' }] },
      },
      pushIds: { idOf: (url: string) => url },
      feedStatus: { get: async () => feedOf(state) },
      egress: { updatePushes: async (_id: string, change: { add: readonly string[] }) => void changes.push(change) },
      log: { info() {}, warn() {} },
    }) as unknown as Parameters<typeof refreshPushes>[0];
  await refreshPushes(live('failed'), 'ch_1');
  await refreshPushes(live('pushing'), 'ch_1', id);
  expect(changes).toEqual([]);
  await refreshPushes(live('failed'), 'ch_1', id);
  expect(changes).toEqual([{ add: ['rtmp://h.example/app/k'], remove: [] }]);
});
