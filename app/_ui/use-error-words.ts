'use client';

import { useTranslations } from 'next-intl';
import { useCallback } from 'react';
import { isApiError } from './api.ts';

const TRANSLATED = ['network', 'unauthenticated', 'forbidden', 'rate-limited', 'internal', 'unavailable'] as const;
type Translated = (typeof TRANSLATED)[number];

function isTranslated(code: string): code is Translated {
  return TRANSLATED.some((known) => known === code);
}

/** A sentence for a caught error: ours for what is general, the server's own for what it alone knows. */
export function useErrorWords(): (error: unknown) => string {
  const t = useTranslations('common.errors');
  return useCallback(
    (error: unknown) => {
      if (!isApiError(error)) return t('internal');
      return isTranslated(error.code) ? t(error.code) : error.message;
    },
    [t],
  );
}
