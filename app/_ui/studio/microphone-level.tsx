'use client';

import { useTranslations } from 'next-intl';
import { useCallback, useEffect, useRef } from 'react';
import { LevelMeter } from '../primitives/level-meter.tsx';
import { type LevelTap, openLevelTap } from './level-tap.ts';

/** The microphone's level, with one line that says what it should look like. */
export function MicrophoneLevel({ track, muted }: { track: MediaStreamTrack | null; muted: boolean }) {
  const t = useTranslations('studio.devices');
  const tap = useRef<LevelTap | null>(null);
  useEffect(() => {
    if (!track) return;
    const opened = openLevelTap(track);
    tap.current = opened;
    return () => {
      tap.current = null;
      opened.close();
    };
  }, [track]);
  const read = useCallback(() => tap.current?.read() ?? null, []);
  return (
    <div className="flex min-w-48 flex-1 flex-col gap-1.5">
      <LevelMeter label={t('level')} read={read} />
      <p className="text-12 text-muted">{!track ? t('noSound') : muted ? t('muted') : t('levelHint')}</p>
    </div>
  );
}
