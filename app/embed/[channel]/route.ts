import type { NextRequest } from 'next/server';
import { getLocale, getTranslations } from 'next-intl/server';
import { ANONYMOUS } from '#core/account/actor';
import { findWatchable } from '#core/broadcast/let-in';
import { frameAncestors } from '#core/channel/embed-rules';
import { getServices } from '#wiring/next';
import { readEmbedForm } from '../../_ui/watch/embed-form.ts';
import { embedPage } from '../../_ui/watch/embed-page.ts';

export const dynamic = 'force-dynamic';
const HANDLE = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * The player alone, for other people's frames: one page of HTML and one script, no React. `?b={broadcastId}` stays with one broadcast;
 * `?autoplay=0` waits for a press; `?preview` counts nobody; `?show=chat` and `?show=both` lead to the page that has a chat, a closed broadcast to the one that asks.
 */
export async function GET(
  request: NextRequest,
  { params }: { params: Promise<{ channel: string }> },
): Promise<Response> {
  const { queries, stores, env, log } = getServices();
  const handle = (await params).channel.toLowerCase();
  const [t, common, locale] = await Promise.all([getTranslations('watch'), getTranslations('common'), getLocale()]);
  const page = {
    lang: locale,
    nonce: request.headers.get('x-nonce') ?? '',
    autoplay: request.nextUrl.searchParams.get('autoplay') !== '0',
    preview: request.nextUrl.searchParams.has('preview'),
  };
  try {
    const found = HANDLE.test(handle) ? await queries.channelPage(handle) : null;
    if (!found) {
      return html(
        request,
        404,
        embedPage({ ...page, title: t('unknownChannelTitle'), show: null, text: t('unknownChannelText') }),
      );
    }
    const ancestors = frameAncestors(await stores.embedHosts.get(found.channel.id));
    const wanted = request.nextUrl.searchParams.get('b');
    const named = wanted ? await queries.broadcast(wanted) : null;
    const closed =
      wanted && !named ? await findWatchable(getServices(), { actor: ANONYMOUS, broadcastId: wanted }) : null;
    const isClosed = closed?.kind === 'locked' && closed.channel.id === found.channel.id;
    if (isClosed || readEmbedForm(request.nextUrl.searchParams.get('show')) !== 'player') {
      const room = `/embed/${handle}/room${request.nextUrl.search}`;
      return new Response(null, { status: 307, headers: { location: room, 'cache-control': 'no-store' } });
    }
    const own = named?.channel.id === found.channel.id ? named : null;
    const show = own ?? found.current ?? found.recent[0] ?? null;
    const { name } = found.channel;
    return html(
      request,
      200,
      embedPage({
        ...page,
        title: show?.title || t('embedOffline', { channel: name }),
        show: show && {
          src: show.playback.hls,
          origin: new URL(show.playback.hls).origin,
          seats: `/api/v1/broadcasts/${show.id}/seats`,
        },
        text: t('embedOfflineText'),
        link: { href: `${env.OPENAIR_URL}/${found.channel.handle}`, text: t('openPage', { channel: name }) },
      }),
      ancestors,
    );
  } catch (error) {
    log.error({ err: error, handle }, 'an embed page could not be made');
    return html(request, 503, embedPage({ ...page, title: common('errorTitle'), show: null, text: t('errorText') }));
  }
}

/** @param ancestors the directive on frames; what tells nothing but trouble may be seen everywhere, and looks again by itself */
function html(request: NextRequest, status: number, body: string, ancestors = frameAncestors(null)): Response {
  const policy = (request.headers.get('content-security-policy') ?? '').replace(/frame-ancestors [^;]*/, ancestors);
  const headers = new Headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  headers.set('content-security-policy', policy);
  if (status === 503) headers.set('retry-after', '10');
  return new Response(body, { status, headers });
}
