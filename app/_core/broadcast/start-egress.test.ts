import { expect, test } from 'vitest';
import { memoryBroadcastStore } from '#adapters/memory/broadcast-store';
import { memoryChannelStore } from '#adapters/memory/channel-store';
import { memoryDestinationStore, memoryPushRemovals } from '#adapters/memory/destination-store';
import { memoryRecordingStore } from '#adapters/memory/small-stores';
import type { EgressSeen } from '#core/egress/egress-runner';
import type { RoomMetadata } from '#core/scene/scene';
import { SILENT } from '#core/shared/log';
import { sampleBroadcast } from './broadcast-store.contract.ts';
import { chooseProgram, ProgramWish } from './choose-program.ts';
import type { SourcePicture } from './fit-program.ts';
import { startEgress } from './start-egress.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const WISH = ProgramWish.parse({ fps: 60, rungs: ['1080p', '720p'] });
const CHOSEN = chooseProgram(WISH, 'low', ['720p']);
const HD30: SourcePicture = { width: 1280, height: 720, fps: 30 };

type World = { picture?: SourcePicture | null | Error; publishers?: number; running?: EgressSeen[]; attempts?: number };

/** Starts the egress of a broadcast of 1080p60 in such a world; gives the program that the engine reads, and the record's. */
async function start({ picture = HD30, publishers = 1, running = [], attempts = 0 }: World) {
  const broadcasts = memoryBroadcastStore();
  const state = { state: 'backstage', startRequestedAt: NOW, startedAt: null, egressId: null } as const;
  const record = sampleBroadcast('br_a', { ...state, program: CHOSEN, egressAttempts: attempts, egressRetryAt: null });
  await broadcasts.add(record);
  let told: RoomMetadata | null = null;
  const unused = () => Promise.reject(new Error('not asked for'));
  await startEgress(
    {
      stores: {
        channels: memoryChannelStore(),
        broadcasts,
        recordings: memoryRecordingStore(),
        destinations: memoryDestinationStore(),
        pushRemovals: memoryPushRemovals(),
      },
      mediaRoom: {
        ensure: async () => undefined,
        setMetadata: async (_channelId, metadata) => {
          told = metadata;
        },
        find: async ([channelId = '']) => [{ channelId, publishers, seats: null }],
        token: unused,
        removeParticipant: unused,
      },
      egress: {
        start: async () => 'EG_new',
        find: async () => running,
        stop: unused,
        updatePushes: unused,
      },
      ingresses: { findPicture: async () => (picture instanceof Error ? Promise.reject(picture) : picture) },
      clock: { now: () => NOW },
      log: SILENT,
    },
    'br_a',
  );
  const saved = await broadcasts.get('br_a');
  const { program } = told as unknown as RoomMetadata;
  expect(saved?.program).toEqual(program);
  expect(saved?.egressId).toBe(running[0]?.egressId ?? 'EG_new');
  return program;
}

test('the program is fitted to the one encoder that is there, in the record and for the engine', async () => {
  expect(await start({})).toMatchObject({ width: 1280, height: 720, fps: 30, ladder: [{ id: '720p' }] });
  // LiveKit counts a newcomer a moment later.
  expect(await start({ publishers: 0 })).toMatchObject({ width: 1280, height: 720, fps: 30 });
});

test('it stays as chosen without an encoder, with people beside it, and when LiveKit does not answer', async () => {
  expect(await start({ picture: null })).toEqual(CHOSEN);
  expect(await start({ publishers: 3 })).toEqual(CHOSEN);
  expect(await start({ picture: new Error('LiveKit is away') })).toEqual(CHOSEN);
});

test('it stays as it is where players may hold its sizes already: a second attempt, or an egress that runs', async () => {
  expect(await start({ attempts: 1 })).toEqual(CHOSEN);
  const seen = { egressId: 'EG_old', channelId: 'ch_contract', state: 'active', error: null, startedAt: NOW } as const;
  const { playbackId } = sampleBroadcast('br_a', {});
  expect(await start({ running: [{ ...seen, playbackId }] })).toEqual(CHOSEN);
});
