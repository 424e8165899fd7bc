import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { getServices } from '#wiring/next';
import { watchMetadata } from '../../../_ui/watch/watch-metadata.ts';
import { WatchPage } from '../../../_ui/watch/watch-page.tsx';
import { readBroadcast, readChannelPage } from '../read-channel-page.ts';

export const dynamic = 'force-dynamic';
type Props = { params: Promise<{ channel: string; broadcast: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel, broadcast: id } = await params;
  const broadcast = await readBroadcast(channel, id);
  if (!broadcast) return {};
  const pages = getServices().env.OPENAIR_URL;
  return watchMetadata(pages, broadcast.watchUrl, { channel: broadcast.channel, broadcast, isFixed: true });
}

/** One broadcast's own address, for good: before it, while it is live, and as a recording. */
export default async function BroadcastWatchPage({ params }: Props) {
  const { channel, broadcast: id } = await params;
  const [page, broadcast] = await Promise.all([readChannelPage(channel), readBroadcast(channel, id)]);
  if (!page || !broadcast) notFound();
  const { env } = getServices();
  const url = `${env.OPENAIR_URL}/${page.channel.handle}/${broadcast.id}`;
  return <WatchPage page={page} broadcast={broadcast} isFixed url={url} />;
}
