import type { EgressSeen } from '#core/egress/egress-runner';
import type { BroadcastRecord } from './broadcast-store.ts';
import { announce, applyFact } from './change-broadcast.ts';
import { decideBroadcast, type Observation, type Step } from './decide-broadcast.ts';
import { metadataOf, openRoom } from './open-room.ts';
import type { BroadcastRooms } from './rooms.ts';
import { syncPushes } from './sync-pushes.ts';

/** What one pass saw of everything at once, so that a broadcast costs no calls of its own. */
export type WorldSeen = { egresses: readonly EgressSeen[] | 'unknown'; rooms: ReadonlyMap<string, number> | 'unknown' };

/** After so many changes in one pass, the rest waits for the next. */
const MAX_ROUNDS = 4;

/** Makes one broadcast's record agree with what is seen, and the outside with what is wanted. */
export async function reconcileBroadcast(rooms: BroadcastRooms, broadcastId: string, world: WorldSeen): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const record = await rooms.stores.broadcasts.get(broadcastId);
    if (!record) return;
    const seen = await observe(rooms, record, world);
    const steps = decideBroadcast(record, seen, rooms.limits);
    const changed = await takeSteps(rooms, record, steps);
    if (!changed) return settle(rooms, record, seen);
  }
}

async function observe(rooms: BroadcastRooms, record: BroadcastRecord, world: WorldSeen): Promise<Observation> {
  const feed = await rooms.feedStatus.get(record.playbackId).catch(() => 'unknown' as const);
  const publishers = world.rooms === 'unknown' ? undefined : world.rooms.get(record.channelId);
  return {
    now: rooms.clock.now(),
    room: world.rooms === 'unknown' ? 'unknown' : publishers === undefined ? null : { publishers },
    egresses:
      world.egresses === 'unknown' ? 'unknown' : world.egresses.filter((one) => one.playbackId === record.playbackId),
    feed,
  };
}

/** @returns true when the record changed and is worth a second look */
async function takeSteps(rooms: BroadcastRooms, record: BroadcastRecord, steps: readonly Step[]): Promise<boolean> {
  let changed = false;
  for (const step of steps) {
    try {
      changed = (await takeStep(rooms, record, step)) || changed;
    } catch (error) {
      rooms.log.warn(
        { err: error, broadcastId: record.id, step: step.do },
        'a step of the reconciler failed; it comes again',
      );
    }
  }
  return changed;
}

async function takeStep(rooms: BroadcastRooms, record: BroadcastRecord, step: Step): Promise<boolean> {
  const from = { version: record.version, from: [record.state] };
  switch (step.do) {
    case 'open-room':
      await openRoom(rooms, record);
      return false;
    case 'start-egress':
      await rooms.jobs.add('start-egress', { broadcastId: record.id });
      return false;
    case 'stop-egress':
      await rooms.egress.stop(step.egressId);
      return false;
    case 'adopt-egress':
      rooms.log.info({ broadcastId: record.id, egressId: step.egressId }, 'a running egress was adopted');
      return (await rooms.stores.broadcasts.update(record.id, from, { egressId: step.egressId })) !== null;
    case 'note': {
      const noted = await rooms.stores.broadcasts.update(record.id, from, step.patch);
      if (noted) await announce(rooms, noted);
      return noted !== null;
    }
    case 'fact': {
      const moved = await applyFact(rooms, record, step.fact, step.patch);
      if (moved) await afterMove(rooms, record, moved);
      return moved !== null;
    }
  }
}

async function afterMove(rooms: BroadcastRooms, before: BroadcastRecord, after: BroadcastRecord): Promise<void> {
  if (after.state === 'ended' && after.startedAt) await rooms.jobs.add('finalize-recording', { broadcastId: after.id });
  if (before.scene.version !== after.scene.version) {
    await rooms.mediaRoom.setMetadata(after.channelId, metadataOf(after));
  }
}

/** What follows when nothing moves: pushes as wanted, the highest audience remembered. */
async function settle(rooms: BroadcastRooms, record: BroadcastRecord, seen: Observation): Promise<void> {
  if (record.state === 'ended') return;
  if (seen.feed !== 'unknown' && seen.feed?.state === 'active') await syncPushes(rooms, record, seen.feed);
  if (record.state !== 'live' && record.state !== 'interrupted') return;
  const audience = await rooms.audience.count(record.playbackId).catch(() => 0);
  if (audience <= record.peakAudience) return;
  await rooms.stores.broadcasts.update(
    record.id,
    { version: record.version, from: [record.state] },
    { peakAudience: audience },
  );
}
