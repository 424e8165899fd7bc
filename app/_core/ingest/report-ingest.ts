import { z } from 'zod';
import { IngestProtocol, type NewsWire } from '#core/broadcast/news';
import type { ChannelStore } from '#core/channel/channel-store';
import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import { IngestNote } from './ingest-note.ts';
import type { IngestStates } from './show-ingest.ts';
import { SignalHealth } from './signal-health.ts';

export const ReportIngest = z.strictObject({
  channelId: z.string().min(1).max(64),
  state: z.enum(['idle', 'connecting', 'publishing', 'failed']),
  protocol: IngestProtocol.nullable().default(null),
  sentence: z.string().max(500).default(''),
  note: IngestNote.optional(),
  /** The signal of this second; absent when only the state is told. */
  health: SignalHealth.optional(),
});

/**
 * Passes on what the ingest worker saw of a channel's encoder; the studio shows it. It comes every second while an encoder sends.
 * @returns whether the encoder began to publish with this report
 * @throws AppError 'not-found' for a channel that does not exist
 */
export async function reportIngest(
  rooms: {
    stores: { channels: ChannelStore };
    ingestStates: IngestStates;
    news: Pick<NewsWire, 'publish'>;
    clock: Clock;
  },
  report: z.infer<typeof ReportIngest>,
): Promise<{ hasBegun: boolean }> {
  const { channelId, ...ingest } = report;
  const before = await rooms.ingestStates.get(channelId).catch(() => null);
  if (!(await rooms.stores.channels.get(channelId))) throw new AppError('not-found', { message: 'No such channel.' });
  await rooms.news.publish({ kind: 'ingest', channelId, ingest: { ...ingest, atMs: rooms.clock.now().getTime() } });
  return { hasBegun: ingest.state === 'publishing' && before?.state !== 'publishing' };
}
