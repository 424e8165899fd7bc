'use client';

import { useTranslations } from 'next-intl';
import { Select } from '../primitives/select.tsx';
import { useAttempt } from '../use-attempt.ts';
import { calls, type Ingest } from './calls.ts';

const CHOICES = ['take-over', 'refuse'] as const;
const WORDS = { 'take-over': 'takeOver', refuse: 'refuse' } as const;

/** What happens to a second encoder with the channel's key. Saved at once; a choice that could not be saved is taken back. */
export function SecondEncoder({
  handle,
  ingest,
  onChange,
}: {
  handle: string;
  ingest: Ingest;
  onChange(ingest: Ingest): void;
}) {
  const t = useTranslations('studio.encoder.second');
  const { busy, error, attempt } = useAttempt();
  const choose = (secondEncoder: (typeof CHOICES)[number]) =>
    attempt(async () => onChange(await calls.changeIngest(handle, { secondEncoder })));
  return (
    <div className="flex flex-col gap-1">
      <Select
        label={t('title')}
        value={ingest.settings.secondEncoder}
        disabled={busy}
        onChange={(value) => void choose(value)}
        options={CHOICES.map((value) => ({ value, label: t(WORDS[value]) }))}
      />
      <p aria-live="polite" className="text-12 text-muted">
        {error ? <span className="text-warn">{error}</span> : t('note')}
      </p>
    </div>
  );
}
