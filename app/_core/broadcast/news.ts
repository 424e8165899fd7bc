import { z } from 'zod';
import { IngestNote } from '#core/ingest/ingest-note';
import { SignalHealth } from '#core/ingest/signal-health';
import { PublicBroadcast } from './public-views.ts';

/** Told to the pages that may watch it when a broadcast changed. A hint: the record in PostgreSQL is the truth. */
export const BroadcastNews = z.object({
  kind: z.literal('broadcast'),
  channelId: z.string(),
  broadcast: PublicBroadcast,
});
/** How an encoder's media comes in. */
export const IngestProtocol = z.enum(['rtmp', 'whip', 'srt', 'url']);
export type IngestProtocol = z.infer<typeof IngestProtocol>;

/** Told to the studio when the channel's ingest changed: an encoder connected, left, or was refused. */
export const IngestNews = z.object({
  kind: z.literal('ingest'),
  channelId: z.string(),
  ingest: z.object({
    state: z.enum(['idle', 'connecting', 'publishing', 'failed']),
    protocol: IngestProtocol.nullable(),
    /** One sentence, e.g. "OBS is connected: 1280x720, 30 fps." */
    sentence: z.string(),
    note: IngestNote.optional(),
    atMs: z.int(),
    /** How the signal is, while an encoder sends. */
    health: SignalHealth.optional(),
  }),
});
/** Told to realtime when somebody may no longer watch: they leave the broadcast's chat too. */
export const SentAwayNews = z.object({
  kind: z.literal('sent-away'),
  broadcastId: z.string(),
  /** The broadcast's present epoch: passes of another one are dead. */
  epoch: z.int(),
  /** One viewer alone; null = everyone with a pass of another epoch. */
  viewer: z.string().nullable(),
});
export const News = z.discriminatedUnion('kind', [BroadcastNews, IngestNews, SentAwayNews]);
export type News = z.infer<typeof News>;

/** Port: carries news from whoever changed a record to realtime. Lost news is repaired by the next one or a reload. */
export type NewsWire = {
  publish(news: News): Promise<void>;
  subscribe(handler: (news: News) => void): Promise<() => Promise<void>>;
};
export const NEWS_CHANNEL = 'openair:news';
