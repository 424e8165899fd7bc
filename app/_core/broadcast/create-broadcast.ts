import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { requireOwnChannel } from '#core/channel/require-channel';
import { Latency, Scene } from '#core/scene/scene';
import { AppError } from '#core/shared/app-error';
import { ShowPassword } from '#core/viewer/show-password';
import { VISIBILITIES } from './broadcast.ts';
import type { BroadcastRecord } from './broadcast-store.ts';
import { announce } from './change-broadcast.ts';
import { chooseProgram, ProgramWish } from './choose-program.ts';
import { passwordHashOf } from './password-change.ts';
import type { BroadcastRooms } from './rooms.ts';

export const CreateBroadcast = z.strictObject({
  title: z.string().trim().min(1, 'must not be empty').max(255, 'must have at most 255 characters'),
  description: z.string().trim().max(5000, 'must have at most 5000 characters').default(''),
  visibility: z.enum(VISIBILITIES).default('public'),
  /** What viewers are asked for, with visibility `password` and no other. Kept as a hash. */
  password: ShowPassword.optional(),
  /** ISO 8601 with a zone; without it the broadcast is backstage at once. */
  startsAt: z.iso.datetime({ offset: true }).optional(),
  /** Start by itself when a picture arrives. */
  autoStart: z.boolean().default(false),
  latency: Latency.default('low'),
  /** Shape, frame rate and rungs of the picture; this install's defaults when absent. */
  program: ProgramWish.optional(),
});

/** A start this far back is a clock that is a little wrong; further back it is a mistake. */
const PAST_ALLOWED_MS = 5 * 60_000;

/**
 * Makes a broadcast on a channel of the caller's own.
 * @throws AppError 'unauthenticated', 'not-found', 'bad-request' with field `startsAt` or `password`
 */
export async function createBroadcast(
  rooms: Pick<
    BroadcastRooms,
    'stores' | 'ids' | 'clock' | 'limits' | 'shows' | 'news' | 'audience' | 'addresses' | 'log' | 'passwords'
  >,
  { actor, handle, input }: { actor: Actor; handle: string; input: z.infer<typeof CreateBroadcast> },
): Promise<BroadcastRecord> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  const now = rooms.clock.now();
  const startsAt = input.startsAt === undefined ? null : new Date(input.startsAt);
  if (startsAt && startsAt.getTime() < now.getTime() - PAST_ALLOWED_MS) {
    throw new AppError('bad-request', {
      blame: 'owner',
      retry: 'after-edit',
      field: 'startsAt',
      message: 'startsAt lies in the past. Leave it out to go live now.',
    });
  }
  const { title, description, visibility, autoStart, latency } = input;
  const passwordHash = await passwordHashOf(rooms.passwords, input, null);
  const broadcast: BroadcastRecord = {
    id: rooms.ids.make('br'),
    channelId: channel.id,
    title,
    description,
    visibility,
    state: startsAt ? 'scheduled' : 'backstage',
    endReason: null,
    playbackId: rooms.ids.make('pb'),
    latency,
    autoStart,
    openOnSlate: false,
    scene: Scene.parse({ slate: { kind: 'soon', title: title.slice(0, 200) } }),
    program: chooseProgram(input.program ?? null, latency, rooms.limits.defaultRungs),
    grantEpoch: 0,
    passwordHash,
    startsAt,
    startRequestedAt: null,
    startedAt: null,
    interruptedAt: null,
    endedAt: null,
    egressId: null,
    egressAttempts: 0,
    egressRetryAt: null,
    problem: null,
    peakAudience: 0,
    hasRecording: false,
    version: 1,
    createdAt: now,
  };
  await rooms.stores.broadcasts.add(broadcast);
  await announce(rooms, broadcast);
  return broadcast;
}
