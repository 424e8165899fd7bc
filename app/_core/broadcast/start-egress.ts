import { isRunning } from '#core/egress/egress-runner';
import { isAppError } from '#core/shared/app-error';
import type { BroadcastRecord } from './broadcast-store.ts';
import { retryOnRace } from './change-broadcast.ts';
import { fitProgram } from './fit-program.ts';
import { openRoom } from './open-room.ts';
import { PROBLEMS } from './problems.ts';
import type { BroadcastRooms } from './rooms.ts';

type EgressRooms = Pick<BroadcastRooms, 'stores' | 'mediaRoom' | 'egress' | 'ingresses' | 'clock' | 'log'>;

/** Pause after an attempt, by how many came before, seconds. The first ones cover the longest answer of LiveKit. */
const PAUSES_S = [15, 15, 20, 30, 60] as const;
const WANTED = ['scheduled', 'backstage', 'live', 'interrupted'] as const;

/**
 * Starts the broadcast's one egress, or takes over the one that runs. Safe to call twice, at once, from several workers: the
 * record's version decides who may try, and the storage prefix tells which egress is whose.
 */
export async function startEgress(rooms: EgressRooms, broadcastId: string): Promise<void> {
  const claimed = await claim(rooms, broadcastId);
  if (!claimed) return;
  try {
    const running = await findRunning(rooms, claimed);
    await openRoom(rooms, running ? claimed : await fitToSource(rooms, claimed));
    const egressId = running ?? (await rooms.egress.start(await planOf(rooms, claimed)));
    await keep(rooms, broadcastId, egressId);
    rooms.log.info({ broadcastId, egressId, attempt: claimed.egressAttempts }, 'an egress runs for the broadcast');
  } catch (error) {
    rooms.log.warn({ err: error, broadcastId, attempt: claimed.egressAttempts }, 'no egress could be started');
    await noteProblem(rooms, broadcastId, sentenceOf(error));
  }
}

/** Takes the right to try once; null when it is not wanted or somebody else is at it. */
async function claim(rooms: EgressRooms, broadcastId: string): Promise<BroadcastRecord | null> {
  const now = rooms.clock.now();
  const seen = await rooms.stores.broadcasts.get(broadcastId);
  if (!seen || seen.startRequestedAt === null || !WANTED.some((state) => state === seen.state)) return null;
  if (seen.egressRetryAt !== null && seen.egressRetryAt > now) return null;
  const pauseS = PAUSES_S[Math.min(seen.egressAttempts, PAUSES_S.length - 1)] ?? 60;
  return rooms.stores.broadcasts.update(
    seen.id,
    { version: seen.version, from: [seen.state] },
    { egressAttempts: seen.egressAttempts + 1, egressRetryAt: new Date(now.getTime() + pauseS * 1000) },
  );
}

async function findRunning(rooms: EgressRooms, broadcast: BroadcastRecord): Promise<string | null> {
  // After an attempt that failed, the old id may be a dead one that LiveKit still calls active.
  if (broadcast.egressAttempts > 1) return null;
  const all = await rooms.egress.find(broadcast.channelId);
  const mine = all.find((one) => one.playbackId === broadcast.playbackId && isRunning(one) && one.state !== 'ending');
  return mine?.egressId ?? null;
}

/**
 * An encoder's picture is the whole program, so the program is not made larger or faster than it. With other people in the room, or a
 * host's camera alone (a screen may follow), it stays as chosen; and so it does once players hold its sizes.
 */
async function fitToSource(rooms: EgressRooms, broadcast: BroadcastRecord): Promise<BroadcastRecord> {
  if (broadcast.egressAttempts > 1 || broadcast.startedAt !== null) return broadcast;
  try {
    const picture = await rooms.ingresses.findPicture(broadcast.channelId);
    const [room] = picture ? await rooms.mediaRoom.find([broadcast.channelId]) : [];
    if (!picture || (room && room.publishers > 1)) return broadcast;
    const program = fitProgram(broadcast.program, picture);
    if (program === broadcast.program) return broadcast;
    const { width, height, fps } = program;
    rooms.log.info({ broadcastId: broadcast.id, picture, width, height, fps }, 'the program is fitted to its encoder');
    return (await retryOnRace(rooms, broadcast.id, (seen) => saveProgram(rooms, seen, program))) ?? broadcast;
  } catch (error) {
    rooms.log.warn({ err: error, broadcastId: broadcast.id }, 'the source is not known; the program stays as chosen');
    return broadcast;
  }
}

function saveProgram(rooms: EgressRooms, seen: BroadcastRecord, program: BroadcastRecord['program']) {
  return rooms.stores.broadcasts.update(seen.id, { version: seen.version, from: [seen.state] }, { program });
}

async function planOf(rooms: EgressRooms, broadcast: BroadcastRecord) {
  const targets = await rooms.stores.destinations.findTargets(broadcast.channelId);
  return {
    broadcastId: broadcast.id,
    channelId: broadcast.channelId,
    playbackId: broadcast.playbackId,
    pushUrls: [...new Set(targets.filter((one) => one.destination.enabled).map((one) => one.pushUrl))],
  };
}

async function keep(rooms: EgressRooms, broadcastId: string, egressId: string): Promise<void> {
  await retryOnRace(rooms, broadcastId, (seen) =>
    rooms.stores.broadcasts.update(seen.id, { version: seen.version, from: [seen.state] }, { egressId, problem: null }),
  );
}

async function noteProblem(rooms: EgressRooms, broadcastId: string, problem: string): Promise<void> {
  await retryOnRace(rooms, broadcastId, async (seen) =>
    seen.state === 'ended'
      ? seen
      : rooms.stores.broadcasts.update(seen.id, { version: seen.version, from: [seen.state] }, { problem }),
  );
}

function sentenceOf(error: unknown): string {
  if (isAppError(error) && error.message !== error.code) return error.message;
  return PROBLEMS['engine-not-started'];
}
