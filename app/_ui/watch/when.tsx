'use client';

import { useFormatter } from 'next-intl';
import { useEffect, useState } from 'react';

const HOUR_MS = 3_600_000;
const EVERY_MS = 30_000;

/** The time now, every 30 s; null until the page is alive, so that the server's text and the page's first one agree. */
export function useNowMs(everyMs = EVERY_MS): number | null {
  const [nowMs, setNowMs] = useState<number | null>(null);
  useEffect(() => {
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}

/** A moment in words: relative under an hour, else the date in the reader's own zone. */
export function useWhen(iso: string | null): string {
  const format = useFormatter();
  const nowMs = useNowMs();
  const atMs = iso ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(atMs)) return '';
  if (nowMs === null) return format.dateTime(atMs, { dateStyle: 'medium', timeStyle: 'short' });
  if (Math.abs(atMs - nowMs) < HOUR_MS) return format.relativeTime(atMs, nowMs);
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return format.dateTime(atMs, { dateStyle: 'medium', timeStyle: 'short', timeZone });
}

export function When({ iso, className }: { iso: string; className?: string }) {
  return (
    <time dateTime={iso} className={className} suppressHydrationWarning>
      {useWhen(iso)}
    </time>
  );
}
