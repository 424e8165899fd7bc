import { expect, test } from 'vitest';
import { memoryInputRecordingStore } from '../../_adapters/memory/input-recording-store.ts';
import { createMemoryMediaStorage } from '../../_adapters/memory/media-storage.ts';
import { finishInput } from './finish-input.ts';
import type { InputRecordingNote } from './input-recording.ts';
import { listInputRecordings, openInputFile, removeInputRecording } from './input-recordings.ts';
import { noteInput, storeInputPiece } from './store-input.ts';

const ID = 'ir_0123456789abcdef0123456789abcdef';
const NOW = new Date(1_700_000_000_000);
const owner = { kind: 'user', userId: 'usr_1', name: 'Ada', email: 'a@example.org', isAdmin: false } as const;
const stranger = { ...owner, userId: 'usr_2' };
const channel = { id: 'ch_1', handle: 'ada', name: 'Ada', ownerId: 'usr_1', createdAt: NOW };
const note: InputRecordingNote = {
  channelId: 'ch_1',
  protocol: 'rtmp',
  encoder: 'OBS',
  startedAtMs: NOW.getTime(),
  durationMs: 4_000,
  bytes: 10,
  samples: { video: 120 },
  lostMs: 0,
  leftOut: [],
  ended: false,
};

function start() {
  const jobs: string[] = [];
  const channels = {
    get: async (id: string) => (id === channel.id ? channel : null),
    getByHandle: async (handle: string) => (handle === channel.handle ? channel : null),
  };
  const storage = createMemoryMediaStorage();
  const rooms = {
    stores: { inputRecordings: memoryInputRecordingStore(['ch_1']), channels: channels as never },
    clock: { now: () => NOW },
    jobs: { add: async (name: string) => void jobs.push(name) },
    storage,
  };
  return { rooms, storage, jobs };
}

test('a piece is taken while its recording is made: not before its first note, not after its end, and under no other name', async () => {
  const { rooms, storage, jobs } = start();
  const piece = { id: ID, name: 'video/0001-00000001.m4s', body: Uint8Array.of(1) };
  await expect(storeInputPiece(rooms, piece)).rejects.toMatchObject({ code: 'not-found' });
  await noteInput(rooms, ID, note);
  await storeInputPiece(rooms, piece);
  for (const name of ['../0001-00000001.m4s', 'video/../../x', 'video/input.mp4', 'video/0001-00000001.m4s/x']) {
    await expect(storeInputPiece(rooms, { ...piece, name })).rejects.toMatchObject({ code: 'not-found' });
  }
  await noteInput(rooms, ID, { ...note, ended: true });
  await expect(storeInputPiece(rooms, piece)).rejects.toMatchObject({ code: 'wrong-state' });
  await expect(noteInput(rooms, ID, note)).rejects.toMatchObject({ code: 'wrong-state' });
  await expect(noteInput(rooms, 'media/other', note)).rejects.toMatchObject({ code: 'not-found' });
  expect([...storage.objects.keys()]).toEqual([`inputs/${ID}/video/0001-00000001.m4s`]);
  expect(jobs).toEqual(['finish-input']);
});

test('a recording is its team’s alone: others find neither list nor file, and remove nothing', async () => {
  const { rooms } = start();
  await noteInput(rooms, ID, { ...note, ended: true });
  const asked = { handle: 'ada', id: ID };
  await rooms.stores.inputRecordings.change(ID, 'processing', { state: 'ready', sizeBytes: 1 });
  for (const actor of [stranger, { ...stranger, userId: '' }]) {
    await expect(listInputRecordings(rooms, { actor, ...asked })).rejects.toMatchObject({ code: 'not-found' });
    await expect(openInputFile(rooms, { actor, ...asked })).rejects.toMatchObject({ code: 'not-found' });
    await expect(removeInputRecording(rooms, { actor, ...asked })).rejects.toMatchObject({ code: 'not-found' });
  }
  const anonymous = { kind: 'anonymous' } as const;
  await expect(openInputFile(rooms, { actor: anonymous, ...asked })).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(await listInputRecordings(rooms, { actor: owner, ...asked })).toMatchObject([
    { id: ID, state: 'ready', mp4: `/api/v1/channels/ada/ingest/recordings/${ID}/file`, problem: null },
  ]);
});

test('one that is being made cannot be removed; a finished one goes with all that is stored of it, or not at all', async () => {
  const { rooms, storage } = start();
  const asked = { actor: owner, handle: 'ada', id: ID };
  await noteInput(rooms, ID, note);
  await storeInputPiece(rooms, { id: ID, name: 'audio/init-1.mp4', body: Uint8Array.of(1) });
  await expect(removeInputRecording(rooms, asked)).rejects.toMatchObject({ code: 'wrong-state' });
  await expect(openInputFile(rooms, asked)).rejects.toMatchObject({ code: 'wrong-state' });
  await noteInput(rooms, ID, { ...note, ended: true });
  await rooms.stores.inputRecordings.change(ID, 'processing', { state: 'ready' });
  storage.away = true;
  await expect(removeInputRecording(rooms, asked)).rejects.toMatchObject({ code: 'storage-unavailable' });
  storage.away = false;
  expect(await rooms.stores.inputRecordings.get(ID)).not.toBeNull();
  await removeInputRecording(rooms, asked);
  expect([...storage.objects.keys()]).toEqual([]);
  expect(await listInputRecordings(rooms, asked)).toEqual([]);
});

test('what is missing or left out is said in words', async () => {
  const { rooms } = start();
  await noteInput(rooms, ID, { ...note, lostMs: 12_400, leftOut: ['AC-3'] });
  const [seen] = await listInputRecordings(rooms, { actor: owner, handle: 'ada' });
  expect(seen).toMatchObject({ state: 'recording', mp4: null, gap: 12.4 });
  expect(seen?.problem).toBe(
    '12 seconds are missing: the media store did not answer for too long. Left out, since MP4 does not carry it: AC-3.',
  );
});

test('a recording of which nothing is stored has no file', async () => {
  const { storage } = start();
  const nothing = { id: ID, startedAt: NOW, durationMs: 0, samples: {} };
  expect(await finishInput(storage, nothing, { wait: async () => undefined })).toBeNull();
});
