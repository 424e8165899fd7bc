import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBroadcastStore } from '#adapters/memory/broadcast-store';
import { memoryChannelStore } from '#adapters/memory/channel-store';
import { MemoryLiveFeed } from '#adapters/memory/live-feed';
import { createMemoryMediaStorage, type MemoryMediaStorage } from '#adapters/memory/media-storage';
import { createMemoryShowRegistry } from '#adapters/memory/show-registry';
import { memoryRecordingStore } from '#adapters/memory/small-stores';
import { sampleBroadcast } from '#core/broadcast/broadcast-store.contract';
import { mediaKeys } from '#core/playback/live-feed';
import { makeFragment, makeInit } from '#core/playback/mp4/testing/cmaf-maker';
import { writeStoredIndex } from '#core/recording/stored-index';
import { SILENT } from '#core/shared/log';
import type { Services } from '#wiring/services';
import { handleFinalizeRecording } from './finalize-recording.handler.ts';
import { handleMakeRecordingFiles } from './make-recording-files.handler.ts';
import { makePacer } from './pacer.ts';

const ID = 'br_a';
let storage: MemoryMediaStorage;
let jobs: { name: string; data: unknown }[];
let services: Services;
let playbackId = '';

async function storeShow(seconds: number): Promise<void> {
  const rendition = {
    id: '720p',
    kind: 'video',
    codecs: 'avc1.64001f',
    width: 1280,
    height: 720,
    fps: 30,
    bandwidth: 1,
  } as const;
  await storage.put(mediaKeys.init(playbackId, '720p', 1), makeInit('video', 90_000), 'video/mp4');
  const segments = [];
  for (let m = 0; m < seconds; m++) {
    const body = makeFragment(m * 90_000, [{ data: new Uint8Array(100), duration: 90_000, sync: true }]);
    await storage.put(mediaKeys.segment(playbackId, '720p', m), body, 'video/mp4');
    segments.push({ m, e: 1, d: 90_000, w: 1_700_000_000_000 + m * 1000, x: false, s: body.length });
  }
  await writeStoredIndex(storage, playbackId, { v: 1, rendition, ended: true, segments });
}

beforeEach(async () => {
  storage = createMemoryMediaStorage();
  jobs = [];
  const stores = {
    broadcasts: memoryBroadcastStore(),
    recordings: memoryRecordingStore(),
    channels: memoryChannelStore(),
  };
  const now = new Date('2026-01-01T00:00:00Z');
  await stores.channels.add({ id: 'ch_contract', handle: 'mine', name: 'Mine', ownerId: 'owner', createdAt: now });
  const broadcast = sampleBroadcast(ID, { state: 'ended', startedAt: now, endedAt: now });
  await stores.broadcasts.add(broadcast);
  playbackId = broadcast.playbackId;
  services = {
    stores,
    storage,
    feed: new MemoryLiveFeed(),
    shows: createMemoryShowRegistry(),
    audience: { count: async () => 0 },
    news: { publish: async () => {} },
    jobs: { add: async (name: string, data: unknown) => void jobs.push({ name, data }) },
    addresses: { pages: 'http://p', playback: 'http://q' },
    lateUploads: { list: async () => new Map() },
    clock: { now: () => new Date() },
    ids: { make: (prefix: string) => `${prefix}_1` },
    log: SILENT,
  } as unknown as Services;
});

const files = async () => (await services.stores.recordings.get(ID))?.files;
const data = { broadcastId: ID };

describe('after a show', () => {
  test('closing its recording orders its files, and the order is done', async () => {
    await storeShow(3);
    await storage.put(mediaKeys.thumbnail(playbackId), new Uint8Array(1), 'image/jpeg');
    await handleFinalizeRecording(services, data);
    expect(jobs).toEqual([{ name: 'make-recording-files', data }]);
    expect(await files()).toMatchObject({ state: 'waiting', thumbnail: true, storyboard: false, mp4Bytes: null });
    await handleMakeRecordingFiles(services, data);
    const size = storage.objects.get(mediaKeys.recording(playbackId))?.length;
    expect(await files()).toMatchObject({ state: 'ready', progress: 1, mp4Bytes: size, audioBytes: null });
  });

  test('closing it again orders them anew only when it has changed', async () => {
    await storeShow(3);
    for (const _ of [1, 2]) {
      await handleFinalizeRecording(services, data);
      await handleMakeRecordingFiles(services, data);
    }
    expect(jobs.length).toBe(1);
    await storeShow(4);
    await handleFinalizeRecording(services, data);
    expect([jobs.length, (await files())?.state]).toEqual([2, 'waiting']);
  });

  test('a worker that ends in the middle leaves the work for the next one', async () => {
    await storeShow(5);
    await handleFinalizeRecording(services, data);
    const off = new AbortController();
    off.abort(new Error('the control worker ends'));
    await expect(handleMakeRecordingFiles(services, data, off.signal)).rejects.toThrow('ends');
    expect([(await files())?.state, storage.objects.has(mediaKeys.recording(playbackId))]).toEqual(['waiting', false]);
    await handleMakeRecordingFiles(services, data);
    expect((await files())?.state).toBe('ready');
  });

  test('what can never be made is failed and not tried again; the recording plays on', async () => {
    await storeShow(2);
    await handleFinalizeRecording(services, data);
    storage.put = async () => {
      throw new RangeError('a fault of ours');
    };
    storage.upload = storage.put as never;
    await handleMakeRecordingFiles(services, data);
    expect((await files())?.state).toBe('failed');
    expect((await services.stores.recordings.get(ID))?.state).toBe('ready');
  });
});

describe('work in the background', () => {
  test('rests three times as long as it worked while a show is on air, and not at all otherwise', async () => {
    const rests: number[] = [];
    let now = 0;
    let busy = true;
    const pace = makePacer(
      async () => busy,
      () => now,
      async (ms) => void rests.push(ms),
    );
    now += 10;
    await pace();
    busy = false;
    now += 4000;
    await pace();
    expect(rests).toEqual([30]);
  });
});
