import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { notFound } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { Messages } from '../../../_ui/i18n/messages.tsx';
import { readEmbedForm } from '../../../_ui/watch/embed-form.ts';
import { EmbedRoom, LockedEmbed } from '../../../_ui/watch/embed-room.tsx';
import { readChannelPage, readWatchable } from '../../../(watch)/[channel]/read-channel-page.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { robots: { index: false } };
type Props = {
  params: Promise<{ channel: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/**
 * A frame with more than a player: the chat, or the question for a password or ticket. `/embed/{channel}` leads here where that is wanted
 * (`?show=chat`, `?show=both`, a closed broadcast in `?b=`); proxy.ts writes whose pages may frame it.
 */
export default async function EmbedRoomPage({ params, searchParams }: Props) {
  const [{ channel: handle }, query] = await Promise.all([params, searchParams]);
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : null);
  const wanted = text('b');
  const [page, named] = await Promise.all([readChannelPage(handle), wanted ? readWatchable(handle, wanted) : null]);
  if (!page) notFound();
  const room = {
    channel: page.channel,
    form: readEmbedForm(text('show')),
    autoplay: text('autoplay') !== '0',
    counted: text('preview') === null,
  };
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  const t = await getTranslations('watch.gate');
  return (
    <Messages domains={['watch', 'chat']}>
      {room.form !== 'chat' && <script src="/player/openair-first.js" nonce={nonce} async />}
      {named?.kind === 'locked' ? (
        <>
          <LockedEmbed {...room} id={named.id} lock={named.lock} />
          <noscript>{t('noScript')}</noscript>
        </>
      ) : (
        <EmbedRoom
          {...room}
          broadcast={named?.broadcast ?? page.current ?? page.recent[0] ?? null}
          isFixed={named !== null}
          show={named?.kind === 'own' ? { id: named.broadcast.id, pass: null } : undefined}
        />
      )}
    </Messages>
  );
}
