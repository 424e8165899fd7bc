'use client';

import { Plus, Send } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '../primitives/button.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { Panel } from '../primitives/panel.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import type { Destination } from './calls.ts';
import { DestinationForm } from './destination-form.tsx';
import { DestinationRow } from './destination-row.tsx';
import type { Destinations } from './use-destinations.ts';

/** Where else the show goes. */
export function DestinationsPanel({
  handle,
  destinations,
  onAir,
}: {
  handle: string;
  destinations: Destinations;
  onAir: boolean;
}) {
  const t = useTranslations('studio.destinations');
  const [form, setForm] = useState<{ open: boolean; editing: Destination | null }>({ open: false, editing: null });
  const add = (
    <Button size="sm" onClick={() => setForm({ open: true, editing: null })}>
      <Plus aria-hidden className="size-4" strokeWidth={1.75} />
      {t('add')}
    </Button>
  );
  return (
    <Panel title={t('title')} actions={destinations.list.length > 0 ? add : undefined}>
      {destinations.status === 'loading' && <Skeleton className="h-16" />}
      {destinations.status === 'failed' && <ErrorState title={t('loadFailed')} onRetry={destinations.reload} />}
      {destinations.status === 'ready' && destinations.list.length === 0 && (
        <EmptyState icon={Send} title={t('empty')} action={add} className="py-6!">
          {t('emptyText')}
        </EmptyState>
      )}
      {destinations.list.length > 0 && (
        <ul className="-my-2 flex flex-col divide-y divide-line">
          {destinations.list.map((one) => (
            <DestinationRow
              key={one.id}
              handle={handle}
              destination={one}
              onAir={onAir}
              onChanged={destinations.put}
              onRemoved={destinations.drop}
              onEdit={() => setForm({ open: true, editing: one })}
            />
          ))}
        </ul>
      )}
      <DestinationForm
        key={form.editing?.id ?? 'new'}
        handle={handle}
        open={form.open}
        editing={form.editing}
        onOpenChange={(open) => setForm((old) => ({ ...old, open }))}
        onSaved={(saved) => {
          destinations.put(saved);
          setForm((old) => ({ ...old, open: false }));
        }}
      />
    </Panel>
  );
}
