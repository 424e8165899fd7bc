import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { getServices } from '#wiring/next';
import { WatchPage } from '../../../_ui/watch/watch-page.tsx';
import { readBroadcast, readChannelPage } from '../read-channel-page.ts';

export const dynamic = 'force-dynamic';
type Props = { params: Promise<{ channel: string; broadcast: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel, broadcast: id } = await params;
  const broadcast = await readBroadcast(channel, id);
  if (!broadcast) return {};
  const title = `${broadcast.title || broadcast.channel.name} · ${broadcast.channel.name}`;
  const robots = broadcast.visibility === 'public' ? undefined : { index: false };
  return { title, robots, description: broadcast.description || undefined, openGraph: { title, type: 'video.other' } };
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
