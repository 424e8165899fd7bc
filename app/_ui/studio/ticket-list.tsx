'use client';

import { Check, Copy, Undo2 } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Badge } from '../primitives/badge.tsx';
import { Button, IconButton } from '../primitives/button.tsx';
import { Confirm } from '../primitives/confirm.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { TextField } from '../primitives/text-field.tsx';
import { useCopy } from '../primitives/use-copy.ts';
import { useAttempt } from '../use-attempt.ts';
import { calls, type OwnTicket } from './calls.ts';
import { useTickets } from './use-tickets.ts';

const MOST_AT_ONCE = 100;

/** The one-time links of a show: made, copied, seen to be used, taken back. */
export function TicketList({ broadcastId }: { broadcastId: string }) {
  const t = useTranslations('studio.access');
  const { list, hasFailed, look } = useTickets(broadcastId);
  const [revoking, setRevoking] = useState<OwnTicket | null>(null);
  const { busy, error, attempt } = useAttempt();
  const revoke = async (ticket: OwnTicket) => {
    await attempt(async () => {
      // What is seen then is how it is, refused or not.
      await calls.revokeTicket(broadcastId, ticket.id).finally(look);
      setRevoking(null);
    });
  };
  const unused = list?.filter(({ link }) => link !== null) ?? [];
  return (
    <div className="flex flex-col gap-3">
      <MakeTickets broadcastId={broadcastId} onMade={look} />
      {list === null && !hasFailed && <Skeleton className="h-12" />}
      {list === null && hasFailed && <ErrorState title={t('loadFailed')} onRetry={() => void look()} />}
      {list?.length === 0 && <p className="text-13 text-muted">{t('none')}</p>}
      {unused.length > 1 && <CopyAll links={unused.map(({ label, link }) => [label, link ?? ''])} />}
      {list !== null && list.length > 0 && (
        <ul aria-label={t('tickets')} className="-my-1 flex max-h-72 flex-col divide-y divide-line overflow-y-auto">
          {list.map((ticket) => (
            <TicketRow key={ticket.id} ticket={ticket} onRevoke={() => setRevoking(ticket)} />
          ))}
        </ul>
      )}
      <Confirm
        open={revoking !== null}
        onOpenChange={(open) => !open && setRevoking(null)}
        title={t('revokeTitle')}
        consequence={revoking?.state === 'used' ? t('revokeUsed') : t('revokeUnused')}
        action={t('revoke')}
        busy={busy}
        error={error}
        onConfirm={() => revoking && void revoke(revoking)}
      />
    </div>
  );
}

function MakeTickets({ broadcastId, onMade }: { broadcastId: string; onMade(): Promise<void> }) {
  const t = useTranslations('studio.access');
  const [label, setLabel] = useState('');
  const [count, setCount] = useState('1');
  const { busy, error, attempt, refuse } = useAttempt();
  const many = Number(count);
  const isWrong = !Number.isInteger(many) || many < 1 || many > MOST_AT_ONCE;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isWrong) return refuse(t('countWrong', { most: MOST_AT_ONCE }));
    await attempt(async () => {
      await calls.makeTickets(broadcastId, { label: label.trim(), count: many });
      setLabel('');
      setCount('1');
      await onMade();
    });
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-col">
      <div className="grid grid-cols-[minmax(0,1fr)_5.5rem] gap-2">
        <TextField
          label={t('label')}
          hint={t('labelHint')}
          value={label}
          maxLength={100}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <TextField
          label={t('count')}
          value={count}
          inputMode="numeric"
          error={error && isWrong ? t('countShort', { most: MOST_AT_ONCE }) : null}
          onChange={(event) => setCount(event.currentTarget.value)}
        />
      </div>
      {error && (
        <p role="alert" className="text-13 font-medium text-warn">
          {error}
        </p>
      )}
      <Button type="submit" size="sm" busy={busy} className="mt-1 self-start">
        {t('make')}
      </Button>
    </form>
  );
}

function TicketRow({ ticket, onRevoke }: { ticket: OwnTicket; onRevoke(): void }) {
  const t = useTranslations('studio.access');
  const format = useFormatter();
  const { state: copied, copy } = useCopy();
  const { label, link, state, usedAt } = ticket;
  const name = label || t('unnamed', { id: ticket.id.slice(-5) });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <li className="flex items-center gap-2 py-1.5">
      <div className="min-w-0 flex-1">
        <p className="truncate text-13 font-medium">{name}</p>
        {usedAt && (
          <p className="text-12 text-muted">
            {t('usedAt', {
              when: format.dateTime(new Date(usedAt), { dateStyle: 'short', timeStyle: 'short', timeZone: zone }),
            })}
          </p>
        )}
        {copied === 'failed' && link && <p className="text-12 break-all text-muted select-all">{link}</p>}
      </div>
      <Badge tone={state === 'used' ? 'good' : state === 'revoked' ? 'warn' : 'neutral'}>{t(`state.${state}`)}</Badge>
      {link && (
        <IconButton size="icon-sm" label={t('copyOf', { name })} onClick={() => void copy(link)}>
          {copied === 'copied' ? (
            <Check aria-hidden className="size-4 text-good" strokeWidth={2} />
          ) : (
            <Copy aria-hidden className="size-4" strokeWidth={1.75} />
          )}
        </IconButton>
      )}
      {state !== 'revoked' && (
        <IconButton size="icon-sm" label={t('revokeOf', { name })} onClick={onRevoke}>
          <Undo2 aria-hidden className="size-4" strokeWidth={1.75} />
        </IconButton>
      )}
    </li>
  );
}

/** All links that nobody has opened, a line each: `Ann<tab>https://…`, as a table takes it. */
function CopyAll({ links }: { links: readonly (readonly [string, string])[] }) {
  const t = useTranslations('studio.access');
  const { state, copy } = useCopy();
  const text = links.map(([label, link]) => (label ? `${label}\t${link}` : link)).join('\n');
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button size="sm" onClick={() => void copy(text)}>
        <Copy aria-hidden className="size-4" strokeWidth={1.75} />
        {t('copyAll', { count: links.length })}
      </Button>
      <span aria-live="polite" className="text-12 text-muted">
        {state === 'copied' && t('copiedAll')}
        {state === 'failed' && t('copyFailed')}
      </span>
    </div>
  );
}
