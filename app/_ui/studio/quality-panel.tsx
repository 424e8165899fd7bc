'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import type { BroadcastQuality } from '#core/broadcast/view-quality';
import { Panel } from '../primitives/panel.tsx';
import { calls, type OwnBroadcast } from './calls.ts';
import { type QualityRow, qualityRows } from './quality-rows.ts';
import { isOnAir } from './state-words.ts';

/** Viewers report every 20 s. */
const ASK_EVERY_MS = 10_000;

/** How viewers fare at the moment, in figures with a judgement each; nothing before the show. */
export function QualityPanel({ broadcast }: { broadcast: OwnBroadcast | null }) {
  const t = useTranslations('studio.quality');
  const locale = useLocale();
  const onAir = isOnAir(broadcast);
  const { quality, isOld } = useQuality(onAir ? (broadcast?.id ?? null) : null);
  if (!onAir) return null;
  const rows = quality ? qualityRows(quality.now, locale, broadcast?.latency) : [];
  return (
    <Panel title={t('title')}>
      {rows.length === 0 ? (
        <p className="text-13 text-muted">{t('none')}</p>
      ) : (
        <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {rows.map((row) => (
            <Figure key={row.name} row={row} />
          ))}
        </dl>
      )}
      <p role="status" className="-mt-2 text-12 text-muted empty:hidden">
        {isOld ? t('old') : rows.length > 0 && t('reports', { count: quality?.now.reports ?? 0 })}
      </p>
    </Panel>
  );
}

function Figure({ row: { name, value, fine } }: { row: QualityRow }) {
  const t = useTranslations('studio.quality');
  return (
    <div className="min-w-0">
      <dt className="text-12 text-muted">{t(name)}</dt>
      <dd className="text-16 font-semibold tabular">
        {value ?? (
          <>
            <span aria-hidden>–</span>
            <span className="sr-only">{t('unknown')}</span>
          </>
        )}
      </dd>
      {!fine && <dd className="text-12 text-warn">{t(`${name}High`)}</dd>}
    </div>
  );
}

function useQuality(broadcastId: string | null): { quality: BroadcastQuality | null; isOld: boolean } {
  const [quality, setQuality] = useState<BroadcastQuality | null>(null);
  const [isOld, setIsOld] = useState(false);
  useEffect(() => {
    setQuality(null);
    setIsOld(false);
    if (!broadcastId) return;
    const stop = new AbortController();
    // A question that fails leaves the last figures, and says so; the next one comes soon.
    const ask = async () => {
      try {
        const seen = await calls.quality(broadcastId, stop.signal);
        setQuality(seen);
        setIsOld(false);
      } catch {
        if (!stop.signal.aborted) setIsOld(true);
      }
    };
    void ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [broadcastId]);
  return { quality, isOld };
}
