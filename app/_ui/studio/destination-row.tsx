'use client';

import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { cn } from '../cn.ts';
import { IconButton } from '../primitives/button.tsx';
import { Confirm } from '../primitives/confirm.tsx';
import { Menu, MenuItem } from '../primitives/menu.tsx';
import { Switch } from '../primitives/switch.tsx';
import { useAttempt } from '../use-attempt.ts';
import { calls, type Destination } from './calls.ts';
import { hostOf } from './destination-rules.ts';

const DOT: Record<Destination['state'], string> = {
  idle: 'bg-control',
  connecting: 'bg-accent animate-pulse',
  pushing: 'bg-good-dot',
  retrying: 'bg-warn-dot animate-pulse',
  failed: 'bg-warn-dot',
  stopped: 'bg-control',
};

/** One destination: on or off, its state in a word, its last error in a sentence. */
export function DestinationRow(props: {
  handle: string;
  destination: Destination;
  onAir: boolean;
  onChanged(destination: Destination): void;
  onRemoved(id: string): void;
  onEdit(): void;
}) {
  const { handle, destination, onAir } = props;
  const t = useTranslations('studio.destinations');
  const { busy, error, attempt } = useAttempt();
  const [removing, setRemoving] = useState(false);
  const { state, lastError } = destination;
  const said = typeof lastError === 'string' ? lastError : lastError?.sentence;
  const trouble = state === 'failed' || state === 'retrying' || state === 'pushing' ? said : null;

  return (
    <li className="flex flex-col gap-1 py-2">
      <div className="flex items-center gap-3">
        <Switch
          label={t('enabled', { name: destination.name })}
          hideLabel
          checked={destination.enabled}
          disabled={busy}
          onChange={(enabled) =>
            void attempt(async () => props.onChanged(await calls.editDestination(handle, destination.id, { enabled })))
          }
        />
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{destination.name}</p>
          <p className="truncate text-12 text-muted">{hostOf(destination.url)}</p>
        </div>
        <span className="inline-flex items-center gap-2 text-13">
          <span aria-hidden className={cn('size-2 rounded-full', DOT[state])} />
          <span className={cn((state === 'failed' || state === 'retrying') && 'text-warn')}>{t(`state.${state}`)}</span>
          {state === 'pushing' && destination.bitrateKbps ? (
            <span className="tabular text-muted">{(destination.bitrateKbps / 1000).toFixed(1)} Mbit/s</span>
          ) : null}
        </span>
        <Menu
          trigger={
            <IconButton size="icon-sm" label={t('more', { name: destination.name })}>
              <Ellipsis aria-hidden className="size-4" strokeWidth={1.75} />
            </IconButton>
          }
        >
          <MenuItem onSelect={props.onEdit}>
            <Pencil aria-hidden className="size-4" strokeWidth={1.75} />
            {t('edit')}
          </MenuItem>
          <MenuItem onSelect={() => setRemoving(true)}>
            <Trash2 aria-hidden className="size-4" strokeWidth={1.75} />
            {t('remove')}
          </MenuItem>
        </Menu>
      </div>
      {(error ?? trouble) && (
        <p role="alert" className="pl-13 text-12 text-warn">
          {error ?? trouble}
        </p>
      )}
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={t('removeTitle', { name: destination.name })}
        consequence={onAir && destination.enabled ? t('removeConsequenceLive') : t('removeConsequence')}
        action={t('remove')}
        busy={busy}
        error={error}
        onConfirm={() =>
          void attempt(async () => {
            await calls.removeDestination(handle, destination.id);
            props.onRemoved(destination.id);
          })
        }
      />
    </li>
  );
}
