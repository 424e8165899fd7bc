'use client';

import { Check, Share2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Button } from '../primitives/button.tsx';
import { useCopy } from '../primitives/use-copy.ts';

/** Hands the address to the device's own share sheet on a phone, copies it elsewhere. */
export function ShareButton({ url, title }: { url: string; title: string }) {
  const t = useTranslations('watch');
  const { state, copy } = useCopy();

  const share = async () => {
    const isPhone = matchMedia('(pointer: coarse)').matches;
    if (!isPhone || !('share' in navigator)) return copy(url);
    try {
      await navigator.share({ title, url });
    } catch {
      // Closed without sharing: that is an answer too.
    }
  };

  return (
    <span className="inline-flex flex-col items-end gap-1">
      <Button onClick={() => void share()} className="max-sm:w-11 max-sm:px-0">
        {state === 'copied' ? (
          <Check aria-hidden className="size-4 text-good" strokeWidth={1.75} />
        ) : (
          <Share2 aria-hidden className="size-4" strokeWidth={1.75} />
        )}
        <span aria-live="polite" className="max-sm:sr-only">
          {state === 'copied' ? t('shareCopied') : t('share')}
        </span>
      </Button>
      {state === 'failed' && <span className="text-13 text-warn select-all">{t('shareFailed', { url })}</span>}
    </span>
  );
}
