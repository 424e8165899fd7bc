import { z } from 'zod';
import type { IngestProtocol } from '#core/broadcast/news';
import type { PublicBroadcast } from '#core/broadcast/public-views';
import type { SignalHealth } from '#core/ingest/signal-health';

/**
 * Socket.IO contract, version 1. Path `/socket.io/`, websocket only, namespace `/`.
 * Upward `noun:verb` with an acknowledgement, downward `noun:fact`. Unknown fields are refused upward.
 */
export const REALTIME_VERSION = 1;

export const REACTIONS = ['like', 'love', 'fire', 'clap', 'wow', 'laugh', 'sad', 'party'] as const;
export const ReactionKind = z.enum(REACTIONS);
export type ReactionKind = z.infer<typeof ReactionKind>;

export const MAX_CHAT_LENGTH = 500;
export const GuestName = z.string().trim().min(1).max(32);

export const ChatMessage = z.object({
  id: z.string(),
  /** Place in the channel's chat, starts at 1, no holes. */
  seq: z.int(),
  /** Made by the sender; lets it recognise its own message. */
  clientId: z.string(),
  author: z.object({
    id: z.string(),
    name: z.string(),
    role: z.enum(['guest', 'viewer', 'moderator', 'host']),
  }),
  text: z.string(),
  /** Seq of the message it answers. */
  replyTo: z.int().nullable(),
  state: z.enum(['visible', 'removed']),
  atMs: z.int(),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

export const Me = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(['guest', 'viewer', 'moderator', 'host']),
  /** To be kept by a guest's browser and sent with the next handshake; null for those signed in. */
  guestToken: z.string().nullable(),
});
export type Me = z.infer<typeof Me>;

/** `auth` of the handshake. Signed-in people are known by their cookie. */
export const Handshake = z.object({
  v: z.literal(REALTIME_VERSION),
  guestToken: z.string().max(512).optional(),
});
export type Handshake = z.infer<typeof Handshake>;

export const ChannelJoin = z.strictObject({
  handle: z.string().min(1).max(64),
  /** Newest seq the page has; 0 or absent asks for the last 50. */
  lastSeq: z.int().min(0).optional(),
  /** Id of a broadcast that not everyone may watch: its chat is a place of its own, apart from the channel's. */
  show: z.string().min(1).max(80).optional(),
  /** What lets this browser in there; whoever runs the channel needs none. */
  pass: z.string().max(300).optional(),
});
export const ChatPost = z.strictObject({
  clientId: z.uuid(),
  /** At most 500 code points; an emoji outside the basic plane is one. */
  text: z
    .string()
    .min(1)
    .max(MAX_CHAT_LENGTH * 4)
    .refine((text) => Array.from(text).length <= MAX_CHAT_LENGTH, `has more than ${MAX_CHAT_LENGTH} characters`),
  replyTo: z.int().min(1).optional(),
});
export const ChatHistory = z.strictObject({
  /** Inclusive range, at most 200 wide. */
  fromSeq: z.int().min(1),
  toSeq: z.int().min(1),
});
export const ReactionSend = z.strictObject({ kind: ReactionKind });
export const GuestRename = z.strictObject({ name: GuestName });

export type Refusal = {
  ok: false;
  reason: 'bad-request' | 'not-found' | 'rate-limited' | 'not-joined' | 'not-allowed' | 'chat-off' | 'unavailable';
  /** One sentence for a person. */
  message: string;
  /** Name of the offending field. */
  field?: string;
  retryAfterMs?: number;
};

export type ChannelJoined = {
  ok: true;
  me: Me;
  /** Its playback is nobody's: who was let in has addresses of their own. */
  broadcast: PublicBroadcast | null;
  /** Oldest first. When `recovered` is false the page's older messages must be dropped: there is a gap. */
  messages: ChatMessage[];
  recovered: boolean;
  headSeq: number;
  audience: number;
  /** Totals of the current broadcast. */
  reactions: Partial<Record<ReactionKind, number>>;
};

export type ClientToServer = {
  'channel:join': (request: z.infer<typeof ChannelJoin>, ack: (answer: ChannelJoined | Refusal) => void) => void;
  'channel:leave': (ack: (answer: { ok: true }) => void) => void;
  'chat:post': (request: z.infer<typeof ChatPost>, ack: (answer: { ok: true; seq: number } | Refusal) => void) => void;
  'chat:history': (
    request: z.infer<typeof ChatHistory>,
    ack: (answer: { ok: true; messages: ChatMessage[] } | Refusal) => void,
  ) => void;
  'reaction:send': (request: z.infer<typeof ReactionSend>, ack: (answer: { ok: true } | Refusal) => void) => void;
  'guest:rename': (request: z.infer<typeof GuestRename>, ack: (answer: { ok: true; me: Me } | Refusal) => void) => void;
};

export type ServerToClient = {
  /** Everything posted in the last 50 ms, by seq. A client that misses a seq asks `chat:history`. */
  'chat:batch': (batch: { messages: ChatMessage[] }) => void;
  /** Every 20 s, so that a silent client sees that it missed the last message. */
  'chat:head': (head: { seq: number }) => void;
  /** Counts since the last flush; droppable. */
  'reaction:burst': (burst: { counts: Partial<Record<ReactionKind, number>> }) => void;
  'audience:count': (count: { audience: number }) => void;
  'broadcast:changed': (change: { broadcast: PublicBroadcast }) => void;
  'ingest:changed': (change: {
    ingest: {
      state: 'idle' | 'connecting' | 'publishing' | 'failed';
      protocol: IngestProtocol | null;
      sentence: string;
      atMs: number;
      health?: SignalHealth;
    };
  }) => void;
};
