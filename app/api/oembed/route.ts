import { getServices } from '#wiring/next';
import { oEmbedOf, oEmbedXml, readWatchAddress } from '../../_ui/watch/oembed.ts';

export const dynamic = 'force-dynamic';

/** For readers of links (oembed.com): `?url=…&format=json|xml&maxwidth=…&maxheight=…`. Only what everyone with the address may watch. */
export async function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const format = query.get('format') ?? 'json';
  if (format !== 'json' && format !== 'xml') return plain(501, 'The formats are json and xml.');
  const { env, queries, log } = getServices();
  const named = readWatchAddress(query.get('url') ?? '', env.OPENAIR_URL);
  if (!named) return plain(404, 'This is no address of a channel or a broadcast here.');
  try {
    const page = await queries.channelPage(named.handle);
    const broadcast = named.broadcastId ? await queries.broadcast(named.broadcastId) : (page?.current ?? null);
    const isTheirs = broadcast === null || broadcast.channel.handle === named.handle;
    if (!page || !isTheirs || (named.broadcastId && !broadcast))
      return plain(404, 'There is no such show, or not for everyone.');
    const room = { maxWidth: pixels(query.get('maxwidth')), maxHeight: pixels(query.get('maxheight')) };
    const target = { channel: page.channel, broadcast, isFixed: named.broadcastId !== null };
    const answer = oEmbedOf(env.OPENAIR_URL, target, room);
    const [type, body] =
      format === 'xml' ? ['text/xml', oEmbedXml(answer)] : ['application/json', JSON.stringify(answer)];
    const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'public, max-age=60', ...OPEN };
    return new Response(body, { headers });
  } catch (error) {
    log.error({ err: error }, 'an oEmbed answer could not be made');
    return plain(503, 'This cannot be told just now.');
  }
}

/** Any page may ask; no cookie is read here. */
const OPEN = { 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' };

function pixels(text: string | null): number | null {
  return text !== null && /^[0-9]{1,5}$/.test(text) ? Number(text) : null;
}

function plain(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...OPEN },
  });
}
