import type { PublicBroadcast, PublicChannel } from '#core/broadcast/public-views';
import { escapeHtml } from './embed-page.ts';

/** What a link of ours stands for: a channel (whatever it airs) or one broadcast. */
export type Embeddable = { channel: PublicChannel; broadcast: PublicBroadcast | null; isFixed: boolean };

export const EMBED_SIZE = { width: 1280, height: 720 };

/** Address of the page for other people's frames. @param pages origin of the pages, no trailing slash */
export function embedAddress(pages: string, { channel, broadcast, isFixed }: Embeddable): string {
  const one = isFixed && broadcast ? `?b=${encodeURIComponent(broadcast.id)}` : '';
  return `${pages}/embed/${channel.handle}${one}`;
}

/** The frame as HTML, to be pasted or handed to a reader of oEmbed. */
export function embedFrame(address: string, title: string, size: { width: number; height: number }): string {
  const rights = 'autoplay; fullscreen; picture-in-picture; encrypted-media';
  return `<iframe src="${escapeHtml(address)}" title="${escapeHtml(title)}" width="${size.width}" height="${size.height}" style="border:0;aspect-ratio:16/9;max-width:100%" allow="${rights}" allowfullscreen loading="lazy" referrerpolicy="strict-origin-when-cross-origin"></iframe>`;
}

/** The largest 16:9 picture within what a reader of oEmbed has room for. */
export function sizeWithin(maxWidth: number | null, maxHeight: number | null): { width: number; height: number } {
  const width = Math.min(EMBED_SIZE.width, maxWidth ?? EMBED_SIZE.width, ((maxHeight ?? EMBED_SIZE.height) * 16) / 9);
  return { width: Math.max(1, Math.floor(width)), height: Math.max(1, Math.floor((width * 9) / 16)) };
}

/** Names a watch page of ours; null for every other address. @param pages origin of the pages */
export function readWatchAddress(text: string, pages: string): { handle: string; broadcastId: string | null } | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  const read = /^\/([a-z0-9][a-z0-9-]{0,63})(?:\/(br_[A-Za-z0-9_-]{1,64}))?\/?$/i.exec(url.pathname);
  if (url.origin !== pages || !read) return null;
  return { handle: (read[1] ?? '').toLowerCase(), broadcastId: read[2] ?? null };
}

export type OEmbed = Record<string, string | number>;

/** An oEmbed answer of type video (oembed.com 2.3.4.2). */
export function oEmbedOf(
  pages: string,
  target: Embeddable,
  room: { maxWidth: number | null; maxHeight: number | null },
): OEmbed {
  const { channel, broadcast } = target;
  const size = sizeWithin(room.maxWidth, room.maxHeight);
  const title = broadcast?.title || channel.name;
  const thumbnail: OEmbed = broadcast?.startedAt
    ? { thumbnail_url: besideOf(broadcast, 'thumb.jpg'), thumbnail_width: 640, thumbnail_height: 360 }
    : {};
  return {
    version: '1.0',
    type: 'video',
    provider_name: 'Openair',
    provider_url: pages,
    title,
    author_name: channel.name,
    author_url: `${pages}/${channel.handle}`,
    html: embedFrame(embedAddress(pages, target), title, size),
    ...size,
    // A live show changes its title and picture.
    cache_age: 300,
    ...thumbnail,
  };
}

/** A file that stands beside a show's playlist. */
export const besideOf = (broadcast: Pick<PublicBroadcast, 'playback'>, name: string): string =>
  broadcast.playback.hls.replace(/index\.m3u8$/, name);

/** The same answer as XML (oembed.com 2.3.2). */
export function oEmbedXml(answer: OEmbed): string {
  const fields = Object.entries(answer).map(([name, value]) => `<${name}>${escapeHtml(String(value))}</${name}>`);
  return `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>${fields.join('')}</oembed>\n`;
}
