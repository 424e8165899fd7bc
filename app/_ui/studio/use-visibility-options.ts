'use client';

import { useTranslations } from 'next-intl';
import type { Visibility } from '#core/broadcast/broadcast';
import type { SelectOption } from '../primitives/select.tsx';
import { OFFERED_VISIBILITIES } from './visibility.ts';

/**
 * Who may watch, to choose from.
 * @param chosen what a program has set stays in the list until somebody chooses otherwise: never opened by the way
 */
export function useVisibilityOptions(chosen: Visibility): SelectOption<Visibility>[] {
  const t = useTranslations('studio.show');
  const options: SelectOption<Visibility>[] = OFFERED_VISIBILITIES.map((value) => ({
    value,
    label: t(value),
    note: t(`${value}Note`),
  }));
  if (options.some(({ value }) => value === chosen)) return options;
  return [...options, { value: chosen, label: t('byProgram'), note: t('byProgramNote') }];
}
