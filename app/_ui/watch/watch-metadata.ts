import type { Metadata } from 'next';
import { besideOf, EMBED_SIZE, type Embeddable, embedAddress } from './oembed.ts';

/** What other sites show of a link to a watch page: Open Graph, a player card, and where oEmbed is told. */
export function watchMetadata(pages: string, url: string, target: Embeddable): Metadata {
  const { channel, broadcast } = target;
  const title = broadcast ? `${broadcast.title || channel.name} · ${channel.name}` : channel.name;
  const description = broadcast?.description || undefined;
  const player = embedAddress(pages, target);
  const images = broadcast?.startedAt ? [{ url: besideOf(broadcast, 'thumb.jpg'), width: 640, height: 360 }] : [];
  const oembed = (format: string) => `${pages}/api/oembed?format=${format}&url=${encodeURIComponent(url)}`;
  return {
    title,
    description,
    robots: broadcast && broadcast.visibility !== 'public' ? { index: false } : undefined,
    openGraph: {
      title,
      description,
      url,
      siteName: 'Openair',
      type: 'video.other',
      images,
      videos: [
        { url: player, secureUrl: player.startsWith('https:') ? player : undefined, type: 'text/html', ...EMBED_SIZE },
      ],
    },
    twitter: {
      card: 'player',
      title,
      description,
      images,
      players: [{ playerUrl: player, streamUrl: broadcast?.playback.hls ?? player, ...EMBED_SIZE }],
    },
    alternates: {
      canonical: url,
      types: { 'application/json+oembed': oembed('json'), 'text/xml+oembed': oembed('xml') },
    },
  };
}
