'use client';

import { useTranslations } from 'next-intl';
import { Select } from '../primitives/select.tsx';
import { LATENCIES, type PictureChoice, QUALITIES, SHAPES } from './picture-choice.ts';

/** Shape, quality and delay of the next show's picture. On air they stand still: players hold its sizes. */
export function PictureFields(props: { choice: PictureChoice; fixed: boolean; onChange(choice: PictureChoice): void }) {
  const t = useTranslations('studio.picture');
  const { choice, fixed, onChange } = props;
  return (
    <div className="grid gap-2 sm:max-lg:grid-cols-3">
      <Select
        label={t('shape')}
        value={choice.shape}
        disabled={fixed}
        onChange={(shape) => onChange({ ...choice, shape })}
        options={SHAPES.map((value) => ({ value, label: t(value), note: t(`${value}Note`) }))}
      />
      <Select
        label={t('quality')}
        value={choice.quality}
        disabled={fixed}
        onChange={(quality) => onChange({ ...choice, quality })}
        options={QUALITIES.map((value) => ({ value, label: t(value), note: t(`${value}Note`) }))}
      />
      <Select
        label={t('latency')}
        value={choice.latency}
        disabled={fixed}
        onChange={(latency) => onChange({ ...choice, latency })}
        options={LATENCIES.map((value) => ({ value, label: t(value), note: t(`${value}Note`) }))}
      />
    </div>
  );
}
