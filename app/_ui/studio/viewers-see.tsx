'use client';

import { Eye } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { OpenairPlayer } from 'openair-player/react';
import { Panel } from '../primitives/panel.tsx';
import type { OwnBroadcast } from './calls.ts';
import { isOnAir } from './state-words.ts';

/** Beside the host's own picture. */
export function ViewersSee({ broadcast }: { broadcast: OwnBroadcast | null }) {
  const t = useTranslations('studio.viewers');
  return (
    <Panel title={t('title')} bodyClassName="gap-2! p-3!">
      <ProgramPicture broadcast={broadcast} />
    </Panel>
  );
}

/** The live picture check: our own player, muted, on what is really sent. */
export function ProgramPicture({ broadcast }: { broadcast: OwnBroadcast | null }) {
  const t = useTranslations('studio.viewers');
  const onAir = isOnAir(broadcast);
  return (
    <div className="flex flex-col gap-2">
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
      {onAir && <p className="text-12 text-muted">{t('note')}</p>}
    </div>
  );
}
