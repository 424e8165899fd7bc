import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { getServices } from '#wiring/next';
import { firstShown } from '../../_ui/watch/show-phase.ts';
import { watchMetadata } from '../../_ui/watch/watch-metadata.ts';
import { WatchPage } from '../../_ui/watch/watch-page.tsx';
import { readChannelPage } from './read-channel-page.ts';

export const dynamic = 'force-dynamic';
type Props = { params: Promise<{ channel: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const page = await readChannelPage((await params).channel);
  if (!page) return {};
  const { current: broadcast, channel } = page;
  const pages = getServices().env.OPENAIR_URL;
  // The channel's own page is for everyone, whatever it airs at the moment.
  const metadata = watchMetadata(pages, `${pages}/${channel.handle}`, { channel, broadcast, isFixed: false });
  return { ...metadata, robots: undefined };
}

/** A channel's address: what is on air, else what comes next, else that it is not live. */
export default async function ChannelWatchPage({ params }: Props) {
  const page = await readChannelPage((await params).channel);
  if (!page) notFound();
  const { env, clock } = getServices();
  const url = `${env.OPENAIR_URL}/${page.channel.handle}`;
  return <WatchPage page={page} broadcast={firstShown(page, clock.now().getTime())} isFixed={false} url={url} />;
}
