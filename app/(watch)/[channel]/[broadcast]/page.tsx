import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { getServices } from '#wiring/next';
import { LockedPage } from '../../../_ui/watch/locked-page.tsx';
import { watchMetadata } from '../../../_ui/watch/watch-metadata.ts';
import { WatchPage } from '../../../_ui/watch/watch-page.tsx';
import { readChannelPage, readWatchable } from '../read-channel-page.ts';

export const dynamic = 'force-dynamic';
type Props = { params: Promise<{ channel: string; broadcast: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel, broadcast: id } = await params;
  const found = await readWatchable(channel, id);
  if (!found) return {};
  if (found.kind === 'locked') {
    // What a link's reader is told of it: whose it is. Neither title nor picture.
    const t = await getTranslations('watch.gate');
    return { title: `${t(`${found.lock}Title`)} · ${found.channel.name}`, robots: { index: false } };
  }
  const { broadcast } = found;
  if (found.kind === 'own') return { title: broadcast.title, robots: { index: false } };
  const pages = getServices().env.OPENAIR_URL;
  return watchMetadata(pages, broadcast.watchUrl, { channel: broadcast.channel, broadcast, isFixed: true });
}

/** One broadcast's own address, for good: before it, while it is live, and as a recording. */
export default async function BroadcastWatchPage({ params }: Props) {
  const { channel, broadcast: id } = await params;
  const [page, found] = await Promise.all([readChannelPage(channel), readWatchable(channel, id)]);
  if (!page || !found) notFound();
  const url = `${getServices().env.OPENAIR_URL}/${page.channel.handle}/${id}`;
  if (found.kind === 'locked') return <LockedPage id={id} lock={found.lock} channel={page.channel} url={url} />;
  const show = found.kind === 'own' ? { id, pass: null } : undefined;
  return <WatchPage page={page} broadcast={found.broadcast} isFixed url={url} show={show} />;
}
