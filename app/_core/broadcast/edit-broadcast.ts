import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { AppError } from '#core/shared/app-error';
import { endSeatsOf, type SeatRooms } from '#core/viewer/take-seat';
import type { BroadcastPatch, BroadcastRecord } from './broadcast-store.ts';
import { announce, retryOnRace, tellSentAway } from './change-broadcast.ts';
import { chooseProgram } from './choose-program.ts';
import { CreateBroadcast } from './create-broadcast.ts';
import { passwordHashOf } from './password-change.ts';
import { requireOwnBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

export const EditBroadcast = z
  .strictObject({
    title: CreateBroadcast.shape.title.optional(),
    description: z.string().trim().max(5000, 'must have at most 5000 characters').optional(),
    visibility: CreateBroadcast.shape.visibility.unwrap().optional(),
    /** Asked from the next viewer on; whoever watches is asked too. */
    password: CreateBroadcast.shape.password,
    autoStart: z.boolean().optional(),
    /** Both only until somebody asked to go on air. */
    program: CreateBroadcast.shape.program,
    latency: CreateBroadcast.shape.latency.unwrap().optional(),
  })
  .refine(
    (patch) => Object.keys(patch).length > 0,
    'needs at least one of title, description, visibility, password, autoStart, program, latency',
  );

type EditRooms = Pick<
  BroadcastRooms,
  'stores' | 'limits' | 'news' | 'shows' | 'audience' | 'addresses' | 'log' | 'passwords'
> &
  Pick<SeatRooms, 'seatBook' | 'seatRoom'>;

/**
 * Changes what people are told of a broadcast. Another visibility or password ends all playback grants and passes.
 * @throws AppError 'unauthenticated', 'not-found', 'conflict', 'wrong-state' with field `program` or `latency`, 'bad-request' with field `password`
 */
export async function editBroadcast(
  rooms: EditRooms,
  { actor, broadcastId, input }: { actor: Actor; broadcastId: string; input: z.infer<typeof EditBroadcast> },
): Promise<BroadcastRecord> {
  await requireOwnBroadcast(rooms, actor, broadcastId);
  let closes = false;
  const changed = await retryOnRace(rooms, broadcastId, async (seen) => {
    const { program: wish, password, ...rest } = input;
    const visibility = input.visibility ?? seen.visibility;
    const passwordHash = await passwordHashOf(rooms.passwords, { visibility, password }, seen.passwordHash);
    closes = visibility !== seen.visibility || passwordHash !== seen.passwordHash;
    const patch: BroadcastPatch = closes ? { ...rest, passwordHash, grantEpoch: seen.grantEpoch + 1 } : { ...rest };
    if (wish || input.latency) {
      requireStillOpen(seen, wish ? 'program' : 'latency');
      const latency = input.latency ?? seen.latency;
      patch.program = wish ? chooseProgram(wish, latency, rooms.limits.defaultRungs) : { ...seen.program, latency };
    }
    return rooms.stores.broadcasts.update(seen.id, { version: seen.version, from: [seen.state] }, patch);
  });
  if (!changed) throw new AppError('conflict', { retry: 'now', message: 'The broadcast is being changed. Try again.' });
  await announce(rooms, changed);
  if (closes) await closeTo(rooms, changed);
  return changed;
}

/** Who was let in before has to be let in anew. Seats that cannot be reached now end with their next renewal. */
async function closeTo(rooms: EditRooms, broadcast: BroadcastRecord): Promise<void> {
  await tellSentAway(rooms, broadcast, null);
  await endSeatsOf(rooms, broadcast.id, null).catch((error: unknown) =>
    rooms.log.warn({ err: error, broadcastId: broadcast.id }, 'seats end with their next renewal'),
  );
}

/** Players hold init segments of the sizes that the show began with. */
function requireStillOpen({ state, startRequestedAt }: BroadcastRecord, field: string): void {
  if ((state === 'scheduled' || state === 'backstage') && startRequestedAt === null) return;
  throw new AppError('wrong-state', {
    blame: 'owner',
    retry: 'never',
    field,
    message: 'The picture’s size, rungs and delay are fixed once the broadcast was started. Choose them before.',
  });
}
