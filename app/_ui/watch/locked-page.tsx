import { headers } from 'next/headers';
import { getTranslations } from 'next-intl/server';
import type { Lock } from '#core/broadcast/let-in';
import type { PublicChannel } from '#core/broadcast/public-views';
import { LockedWatch } from './lazy-locked-watch.tsx';
import { PLAYER_SCRIPT } from './watch-page.tsx';

/** The watch page of a broadcast that asks for a password or a ticket, as the server paints it: nothing of the show. */
export async function LockedPage(props: { id: string; lock: Lock; channel: PublicChannel; url: string }) {
  const [t, nonce] = [await getTranslations('watch.gate'), (await headers()).get('x-nonce') ?? undefined];
  return (
    <>
      <script src={PLAYER_SCRIPT} nonce={nonce} async />
      <main id="main" tabIndex={-1} className="outline-none mx-auto max-w-[1920px] lg:px-6 lg:py-5">
        <LockedWatch {...props} />
        <noscript>
          <p className="px-4 py-4">{t('noScript')}</p>
        </noscript>
      </main>
    </>
  );
}
