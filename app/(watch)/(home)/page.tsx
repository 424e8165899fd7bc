import { RadioTower } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { PublicBroadcast } from '#core/broadcast/public-views';
import { getServices } from '#wiring/next';
import { buttonLook } from '../../_ui/primitives/button-look.ts';
import { EmptyState } from '../../_ui/primitives/empty-state.tsx';
import { BroadcastCard } from '../../_ui/watch/broadcast-card.tsx';
import { KeepFresh } from '../../_ui/watch/keep-fresh.tsx';

export const dynamic = 'force-dynamic';
const FRESH_EVERY_S = 20;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('watch.home');
  return { title: t('title') };
}

export default async function Home() {
  const { queries } = getServices();
  const [live, upcoming, recent] = await Promise.all([queries.liveNow(), queries.upcoming(), queries.recent()]);
  const t = await getTranslations('watch.home');
  return (
    <main id="main" className="mx-auto flex max-w-[1440px] flex-col gap-10 px-4 py-6 sm:px-6">
      <KeepFresh everyS={FRESH_EVERY_S} />
      <section aria-labelledby="live-now" className="flex flex-col gap-4">
        <h1 id="live-now" className="text-20">
          {t('liveNow')}
        </h1>
        {live.length === 0 ? (
          <EmptyState
            icon={RadioTower}
            title={t('emptyTitle')}
            action={
              <Link href="/studio" className={buttonLook({ tone: 'primary' })}>
                {t('goLive')}
              </Link>
            }
          >
            {t('emptyText')}
          </EmptyState>
        ) : (
          <LiveNow live={live} />
        )}
      </section>
      <Row title={t('upcoming')} id="upcoming" broadcasts={upcoming} />
      <Row title={t('recent')} id="recent" broadcasts={recent} />
    </main>
  );
}

/** The most watched one large, the others beside it. */
function LiveNow({ live }: { live: PublicBroadcast[] }) {
  const [first, ...others] = live;
  if (!first) return null;
  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <BroadcastCard broadcast={first} isLarge />
      {others.length > 0 && (
        <div className="grid content-start gap-6 sm:grid-cols-2 lg:grid-cols-1">
          {others.slice(0, 2).map((broadcast) => (
            <BroadcastCard key={broadcast.id} broadcast={broadcast} />
          ))}
        </div>
      )}
      {others.length > 2 && <Cards broadcasts={others.slice(2)} className="lg:col-span-2" />}
    </div>
  );
}

function Row({ title, id, broadcasts }: { title: string; id: string; broadcasts: PublicBroadcast[] }) {
  if (broadcasts.length === 0) return null;
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4">
      <h2 id={id} className="text-20">
        {title}
      </h2>
      <Cards broadcasts={broadcasts} />
    </section>
  );
}

function Cards({ broadcasts, className = '' }: { broadcasts: PublicBroadcast[]; className?: string }) {
  return (
    <div className={`grid gap-x-4 gap-y-6 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4 ${className}`}>
      {broadcasts.map((broadcast) => (
        <BroadcastCard key={broadcast.id} broadcast={broadcast} />
      ))}
    </div>
  );
}
