'use client';

import { Eye } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { OpenairPlayer } from 'openair-player/react';
import { Panel } from '../primitives/panel.tsx';
import type { OwnBroadcast } from './calls.ts';
import { isOnAir } from './state-words.ts';

/** The live picture check: our own player, muted, on what is really sent. */
export function ViewersSee({ broadcast, className }: { broadcast: OwnBroadcast | null; className?: string }) {
  const t = useTranslations('studio.viewers');
  const onAir = isOnAir(broadcast);
  return (
    <Panel title={t('title')} className={className} bodyClassName="gap-2! p-3!">
      <div className="relative aspect-video w-full overflow-hidden rounded-video border border-line bg-black">
        {onAir && broadcast ? (
          <OpenairPlayer
            key={broadcast.playbackId}
            src={broadcast.playback.hls}
            title={broadcast.title}
            autoPlay
            muted
            counted={false}
            className="block size-full"
          />
        ) : (
          <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 p-4 text-center text-13 text-white/75">
            <Eye aria-hidden className="size-6" strokeWidth={1.75} />
            {t('before')}
          </div>
        )}
      </div>
      <p className="text-12 text-muted">{t('note')}</p>
    </Panel>
  );
}
