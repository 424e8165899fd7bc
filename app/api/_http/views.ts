import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { BROADCAST_STATES } from '#core/broadcast/broadcast';
import { IngestProtocol } from '#core/broadcast/news';
import { PROBLEM_CODES } from '#core/broadcast/problems';
import { PublicBroadcast } from '#core/broadcast/public-views';
import type { Channel } from '#core/channel/channel';
import { DestinationView } from '#core/destination/destination';
import { IngestNote } from '#core/ingest/ingest-note';
import { IngestSettings } from '#core/ingest/ingest-settings';
import { SignalHealth } from '#core/ingest/signal-health';
import { FeedNote } from '#core/playback/live-feed';
import { Latency, Program, Scene } from '#core/scene/scene';

/** What lists may be asked. */
export const ListQuery = z.strictObject({
  state: z.enum(BROADCAST_STATES).optional(),
  limit: z.coerce.number().int('must be a whole number').min(1).max(100).default(50),
});

export const ChannelAnswer = z.object({
  id: z.string(),
  handle: z.string(),
  name: z.string(),
  /** The page on which the channel is watched. */
  watchUrl: z.string(),
  createdAt: z.iso.datetime(),
});

export function channelView({ id, handle, name, createdAt }: Channel, pagesUrl: string): z.infer<typeof ChannelAnswer> {
  return { id, handle, name, watchUrl: `${pagesUrl}/${handle}`, createdAt: createdAt.toISOString() };
}

export const SessionAnswer = z.object({
  actor: z.object({
    kind: z.enum(['anonymous', 'user', 'api-key']),
    userId: z.string().optional(),
    name: z.string().optional(),
    email: z.string().optional(),
    isAdmin: z.boolean().optional(),
  }),
  channels: z.array(ChannelAnswer).optional(),
});

export function sessionView(actor: Actor): z.infer<typeof SessionAnswer> {
  if (actor.kind !== 'user') {
    return {
      actor:
        actor.kind === 'anonymous' ? { kind: 'anonymous' } : { kind: 'api-key', userId: actor.userId, isAdmin: true },
    };
  }
  const { kind, userId, name, email, isAdmin } = actor;
  return { actor: { kind, userId, name, email, isAdmin } };
}

const IngestState = z.object({
  state: z.enum(['idle', 'connecting', 'publishing', 'failed']),
  protocol: IngestProtocol.nullable(),
  sentence: z.string(),
  note: IngestNote.optional(),
  atMs: z.int(),
  health: SignalHealth.optional(),
});

export const IngestAnswer = z.object({
  rtmp: z.object({ url: z.string(), streamKey: z.string() }),
  whip: z.object({ url: z.string(), bearerToken: z.string() }),
  srt: z.object({ url: z.string() }).nullable(),
  settings: IngestSettings,
  state: IngestState,
  status: IngestState,
});

const Output = z.object({
  kind: z.enum(['hls', 'push']),
  name: z.string(),
  state: z.string(),
  renditions: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['video', 'audio']),
      width: z.int().optional(),
      height: z.int().optional(),
      bandwidth: z.int(),
    }),
  ),
});

export const BroadcastAnswer = PublicBroadcast.extend({
  autoStart: z.boolean(),
  latency: Latency,
  startRequestedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  durationS: z.int(),
  embedHtml: z.string(),
  outputs: z.array(Output),
  health: z.object({
    ok: z.boolean(),
    sentences: z.array(z.string()),
    shows: z.enum(['slate', 'source']).nullable(),
    lastPartAgeMs: z.number().nullable(),
  }),
  destinations: z.array(DestinationView).optional(),
  scene: Scene.optional(),
  program: Program.optional(),
  problem: z.string().nullable().optional(),
  problemCode: z.enum(PROBLEM_CODES).nullable().optional(),
  engineNotes: z.array(FeedNote).optional(),
});

export const HostTokenAnswer = z.object({
  livekitUrl: z.string(),
  token: z.string(),
  identity: z.string(),
  roomName: z.string(),
  expiresAt: z.iso.datetime(),
});

export const RecordingAnswer = z.object({
  id: z.string(),
  broadcastId: z.string(),
  state: z.enum(['recording', 'processing', 'ready', 'failed', 'deleted']),
  hls: z.string(),
  dash: z.string().nullable(),
  mp4: z.string().nullable(),
  audio: z.string().nullable(),
  files: z.object({ state: z.enum(['waiting', 'making', 'ready', 'failed']), progress: z.number() }).nullable(),
  thumbnails: z.array(z.string()),
  storyboard: z.string().nullable(),
  duration: z.number(),
  sizeBytes: z.int(),
  mp4Bytes: z.int().nullable(),
  audioBytes: z.int().nullable(),
  recovered: z.boolean(),
  problem: z.string().nullable(),
});

export const HealthAnswer = z.object({
  ok: z.boolean(),
  parts: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
});

export const ErrorAnswer = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** Name of the offending field, as it was sent. */
    field: z.string().optional(),
    requestId: z.string().optional(),
  }),
});

export const listOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });
export const PublicBroadcastAnswer = PublicBroadcast;
export const DestinationAnswer = DestinationView;

/** The program over WebRTC, for one viewer. */
export const SeatAnswer = z.object({
  seat: z.string(),
  livekitUrl: z.string(),
  token: z.string(),
  renewAfterS: z.number(),
});
export const SeatRenewal = z.object({ renewAfterS: z.number() });

/** Addresses that one viewer may play. */
export const GrantAnswer = z.object({
  hls: z.string(),
  dash: z.string(),
  expiresAt: z.iso.datetime(),
  renewUntil: z.iso.datetime().nullable(),
});
