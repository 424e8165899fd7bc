import { z } from 'zod';
import type { NewsWire } from '#core/broadcast/news';
import type { ChannelStore } from '#core/channel/channel-store';
import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';

export const ReportIngest = z.strictObject({
  channelId: z.string().min(1).max(64),
  state: z.enum(['idle', 'connecting', 'publishing', 'failed']),
  protocol: z.enum(['rtmp', 'whip']).nullable().default(null),
  sentence: z.string().max(500).default(''),
});

/**
 * Passes on what the ingest worker saw of a channel's encoder; the studio shows it.
 * @throws AppError 'not-found' for a channel that does not exist
 */
export async function reportIngest(
  rooms: { stores: { channels: ChannelStore }; news: Pick<NewsWire, 'publish'>; clock: Clock },
  report: z.infer<typeof ReportIngest>,
): Promise<void> {
  const { channelId, ...ingest } = report;
  if (!(await rooms.stores.channels.get(channelId))) throw new AppError('not-found', { message: 'No such channel.' });
  await rooms.news.publish({ kind: 'ingest', channelId, ingest: { ...ingest, atMs: rooms.clock.now().getTime() } });
}
