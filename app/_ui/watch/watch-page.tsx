import { headers } from 'next/headers';
import { getTranslations } from 'next-intl/server';
import type { ChannelPage, PublicBroadcast } from '#core/broadcast/public-views';
import { BroadcastCard } from './broadcast-card.tsx';
import { hasPicture, phaseOf } from './show-phase.ts';
import type { ShowPlace } from './use-channel-socket.ts';
import { WatchRoom } from './watch-room.tsx';

export const PLAYER_SCRIPT = '/player/openair-first.js';

/** A watch page as the server paints it: the player and its script are in the first HTML, so the picture waits for nothing else. */
export async function WatchPage(props: {
  page: ChannelPage;
  broadcast: PublicBroadcast | null;
  isFixed: boolean;
  url: string;
  /** The chat's place when not everyone may watch, for whoever runs the channel. */
  show?: ShowPlace;
}) {
  const { page, broadcast } = props;
  const t = await getTranslations('watch');
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  const recent = page.recent.filter((one) => one.id !== broadcast?.id);
  const hasPlayer = hasPicture(phaseOf(broadcast));
  return (
    <>
      {hasPlayer && broadcast && (
        <link rel="preload" as="fetch" href={broadcast.playback.hls} crossOrigin="anonymous" />
      )}
      {/* Async in the head: a script in its place in the body would wait for the style sheet and everything before it. */}
      <script async src={PLAYER_SCRIPT} nonce={nonce} fetchPriority="high" />
      <main id="main" className="mx-auto max-w-[1920px] lg:px-6 lg:py-5">
        <WatchRoom
          key={broadcast?.id ?? page.channel.id}
          channel={page.channel}
          broadcast={broadcast}
          lastShow={page.recent[0] ?? null}
          isFixed={props.isFixed}
          url={props.url}
          show={props.show}
        />
        {hasPlayer && broadcast && (
          <noscript>
            <p className="px-4 py-4">
              {t('noScript')} {broadcast.playback.hls}
            </p>
          </noscript>
        )}
        {recent.length > 0 && (
          <section aria-labelledby="recent" className="flex flex-col gap-4 px-4 py-6 lg:px-0">
            <h2 id="recent" className="text-16">
              {t('recentOf', { channel: page.channel.name })}
            </h2>
            <div className="grid gap-x-4 gap-y-6 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
              {recent.map((one) => (
                <BroadcastCard key={one.id} broadcast={one} />
              ))}
            </div>
          </section>
        )}
      </main>
    </>
  );
}
