import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBroadcastStore } from '#adapters/memory/broadcast-store';
import { memoryChannelStore } from '#adapters/memory/channel-store';
import { memoryDestinationStore, memoryPushRemovals } from '#adapters/memory/destination-store';
import { createMemorySeatBook } from '#adapters/memory/seat-book';
import {
  memoryEmbedHosts,
  memoryIngestSettings,
  memoryRecordingStore,
  memoryStreamKeyStore,
} from '#adapters/memory/small-stores';
import { memoryWatchTickets } from '#adapters/memory/watch-tickets';
import { sampleBroadcast } from '#core/broadcast/broadcast-store.contract';
import { CreateBroadcast, createBroadcast } from '#core/broadcast/create-broadcast';
import { editBroadcast } from '#core/broadcast/edit-broadcast';
import { findTickets, makeTickets, revokeTicket } from '#core/broadcast/edit-tickets';
import { endBroadcast } from '#core/broadcast/end-broadcast';
import { getRecording } from '#core/broadcast/get-recording';
import { issueHostToken } from '#core/broadcast/issue-host-token';
import {
  IssuePlaybackGrant,
  issuePlaybackGrant,
  letViewerBack,
  sendViewerAway,
} from '#core/broadcast/issue-playback-grant';
import { setScene } from '#core/broadcast/set-scene';
import { startBroadcast } from '#core/broadcast/start-broadcast';
import { getBroadcast } from '#core/broadcast/view-broadcast';
import { viewQuality } from '#core/broadcast/view-quality';
import { setEmbedRules, showEmbedRules } from '#core/channel/embed-rules';
import {
  addDestination,
  editDestination,
  findDestinations,
  removeDestination,
} from '#core/destination/edit-destinations';
import { changeIngestSettings } from '#core/ingest/change-ingest-settings';
import { rotateStreamKey } from '#core/ingest/rotate-stream-key';
import { showIngest } from '#core/ingest/show-ingest';
import { Scene } from '#core/scene/scene';
import { SILENT } from '#core/shared/log';
import type { Actor } from './actor.ts';

const user = (userId: string, isAdmin = false): Actor => ({
  kind: 'user',
  userId,
  name: userId,
  email: `${userId}@a.example`,
  isAdmin,
});
const ACTORS: Record<string, Actor> = {
  anonymous: { kind: 'anonymous' },
  stranger: user('other'),
  owner: user('owner'),
  admin: user('boss', true),
  key: { kind: 'api-key', keyId: 'key_1', isAdmin: true, userId: 'boss' },
};
const MAY = ['owner', 'admin', 'key'];

async function makeRooms() {
  const stores = {
    channels: memoryChannelStore(),
    embedHosts: memoryEmbedHosts(),
    ingestSettings: memoryIngestSettings(),
    broadcasts: memoryBroadcastStore(),
    recordings: memoryRecordingStore(),
    destinations: memoryDestinationStore(),
    pushRemovals: memoryPushRemovals(),
    streamKeys: memoryStreamKeyStore(),
    watchTickets: memoryWatchTickets(),
  };
  const now = new Date('2026-01-01T00:00:00Z');
  await stores.channels.add({ id: 'ch_contract', handle: 'mine', name: 'Mine', ownerId: 'owner', createdAt: now });
  await stores.broadcasts.add(sampleBroadcast('br_a', { visibility: 'members' }));
  await stores.broadcasts.add(sampleBroadcast('br_t', { visibility: 'ticket' }));
  await stores.watchTickets.add([{ id: 'tk_a', broadcastId: 'br_t', label: '', createdAt: now }]);
  await stores.destinations.add(
    {
      id: 'ds_a',
      channelId: 'ch_contract',
      name: 'D',
      kind: 'custom',
      url: 'rtmp://host/app',
      enabled: true,
      hasStreamKey: false,
      last: { state: 'idle', errorCode: null, error: null },
      version: 1,
      createdAt: now,
    },
    'k',
  );
  await stores.recordings.put({
    id: 'rec_a',
    broadcastId: 'br_a',
    state: 'ready',
    durationMs: 1,
    sizeBytes: 1,
    recovered: false,
    problem: null,
  });
  let count = 0;
  const next = () => {
    count += 1;
    return count;
  };
  return {
    stores,
    log: SILENT,
    clock: { now: () => now },
    ids: { make: (prefix: string) => `${prefix}_${next()}` },
    limits: { maxBroadcasts: 10, reconnectWindowS: 120, defaultRungs: ['720p'] as const },
    addresses: { pages: 'http://p', playback: 'http://q' },
    env: { OPENAIR_RTMP_URL: 'rtmp://r/live', OPENAIR_WHIP_URL: 'http://w/whip' },
    livekitUrl: 'ws://l',
    mediaRoom: {
      ensure: async () => {},
      setMetadata: async () => {},
      token: async () => 'jwt',
      removeParticipant: async () => {},
      find: async () => [],
    },
    ingresses: { end: async () => {} },
    ingestStates: { get: async () => null },
    streamKeys: { makeStreamKey: () => `live_${next()}` },
    resolver: { resolve: async () => [] },
    targets: { allowedHosts: [], allowedBlocks: [], ownPorts: [] },
    pushIds: { idOf: (url: string) => url },
    feedStatus: { get: async () => null },
    audience: { count: async () => 0 },
    shows: { put: async () => {} },
    news: { publish: async () => {} },
    jobs: { add: async () => {} },
    signGrant: () => 'x'.repeat(43),
    passwords: { hash: async () => 'hash', verify: async () => false },
    revocations: { revoke: async () => {}, allow: async () => {} },
    qualityBook: { read: async () => [] },
    seatBook: createMemorySeatBook({ now: () => now }),
    seatRoom: { ensure: async () => {}, token: async () => 'jwt', remove: async () => {}, identities: async () => [] },
  };
}
type Rooms = Awaited<ReturnType<typeof makeRooms>>;

const CALLS: Record<string, (rooms: Rooms, actor: Actor) => Promise<unknown>> = {
  'read the stream key': (r, actor) => showIngest(r, { actor, handle: 'mine' }),
  'rotate the stream key': (r, actor) => rotateStreamKey(r, { actor, handle: 'mine' }),
  'choose what happens to a second encoder': (r, actor) =>
    changeIngestSettings(r, { actor, handle: 'mine', input: { secondEncoder: 'refuse' } }),
  'make a broadcast': (r, actor) =>
    createBroadcast(r, { actor, handle: 'mine', input: CreateBroadcast.parse({ title: 't' }) }),
  'edit a broadcast': (r, actor) => editBroadcast(r, { actor, broadcastId: 'br_a', input: { title: 'n' } }),
  'see a closed broadcast': (r, actor) => getBroadcast(r, { actor, broadcastId: 'br_a' }),
  'see a closed recording': (r, actor) => getRecording(r, { actor, broadcastId: 'br_a' }),
  start: (r, actor) => startBroadcast(r, { actor, broadcastId: 'br_a', input: { openOnSlate: false } }),
  end: (r, actor) => endBroadcast(r, { actor, broadcastId: 'br_a' }),
  'take a host token': (r, actor) => issueHostToken(r, { actor, broadcastId: 'br_a', input: { identity: 'a' } }),
  'set the scene': (r, actor) =>
    setScene(r, { actor, broadcastId: 'br_a', input: { ...Scene.parse({}), version: undefined } }),
  'read the tickets': (r, actor) => findTickets(r, { actor, broadcastId: 'br_t' }),
  'make tickets': (r, actor) => makeTickets(r, { actor, broadcastId: 'br_t', input: { label: '', count: 1 } }),
  'take a ticket back': (r, actor) => revokeTicket(r, { actor, broadcastId: 'br_t', ticketId: 'tk_a' }),
  'read whose pages may embed': (r, actor) => showEmbedRules(r, { actor, handle: 'mine' }),
  'choose whose pages may embed': (r, actor) => setEmbedRules(r, { actor, handle: 'mine', input: { hosts: null } }),
  'let a viewer watch': (r, actor) =>
    issuePlaybackGrant(r, { actor, broadcastId: 'br_a', input: IssuePlaybackGrant.parse({ viewer: 'v' }) }),
  'send a viewer away': (r, actor) => sendViewerAway(r, { actor, broadcastId: 'br_a', viewer: 'v' }),
  'let a viewer back': (r, actor) => letViewerBack(r, { actor, broadcastId: 'br_a', viewer: 'v' }),
  'read how viewers fare': (r, actor) => viewQuality(r, { actor, broadcastId: 'br_a' }),
  'list destinations': (r, actor) => findDestinations(r, { actor, handle: 'mine' }),
  'add a destination': (r, actor) =>
    addDestination(r, {
      actor,
      handle: 'mine',
      input: { kind: 'custom', url: 'rtmp://example.com/app', streamKey: '', enabled: true },
    }),
  'edit a destination': (r, actor) =>
    editDestination(r, { actor, handle: 'mine', id: 'ds_a', input: { enabled: false } }),
  'remove a destination': (r, actor) => removeDestination(r, { actor, handle: 'mine', id: 'ds_a' }),
};

describe('who may do what with somebody’s channel (S-40, S-48)', () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await makeRooms();
  });
  const matrix = Object.keys(CALLS).flatMap((call) => Object.keys(ACTORS).map((who): [string, string] => [who, call]));

  test.each(matrix)('%s: %s', async (who, call) => {
    const asked = CALLS[call]!(rooms, ACTORS[who]!);
    if (MAY.includes(who)) await expect(asked).resolves.not.toThrow();
    // Foreign and unknown look the same; only who is nobody is asked to sign in.
    else
      await expect(asked).rejects.toMatchObject({
        code: who === 'anonymous' && !call.startsWith('see') ? 'unauthenticated' : 'not-found',
      });
  });

  test('removing and editing leave a note so that the old push ends', async () => {
    await editDestination(rooms, { actor: ACTORS.owner!, handle: 'mine', id: 'ds_a', input: { streamKey: 'k2' } });
    await removeDestination(rooms, { actor: ACTORS.owner!, handle: 'mine', id: 'ds_a' });
    expect((await rooms.stores.pushRemovals.find('ch_contract')).sort()).toEqual([
      'rtmp://host/app/k',
      'rtmp://host/app/k2',
    ]);
  });
});
