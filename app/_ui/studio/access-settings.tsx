'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Button } from '../primitives/button.tsx';
import { CopyField } from '../primitives/copy-field.tsx';
import { TextField } from '../primitives/text-field.tsx';
import { useAttempt } from '../use-attempt.ts';
import { calls, type OwnBroadcast } from './calls.ts';
import { TicketList } from './ticket-list.tsx';
import { MIN_PASSWORD } from './visibility.ts';

/** How people get in to a closed show: its link, its password or its tickets; before, during and after it. */
export function AccessSettings({ broadcast }: { broadcast: OwnBroadcast }) {
  const t = useTranslations('studio.access');
  return (
    <>
      <CopyField label={t('link')} value={broadcast.watchUrl} className="-mb-3" />
      {broadcast.visibility === 'password' && <PasswordChange key={broadcast.id} broadcast={broadcast} />}
      {broadcast.visibility === 'ticket' && <TicketList key={broadcast.id} broadcastId={broadcast.id} />}
    </>
  );
}

function PasswordChange({ broadcast }: { broadcast: OwnBroadcast }) {
  const t = useTranslations('studio.access');
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const { busy, error, attempt, refuse, forget } = useAttempt();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (password.trim().length < MIN_PASSWORD) return refuse(t('passwordShort'));
    await attempt(async () => {
      await calls.editBroadcast(broadcast.id, { password: password.trim() });
      setPassword('');
      setDone(true);
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col">
      <TextField
        label={t('passwordNew')}
        value={password}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={128}
        error={error}
        hint={done ? <span className="text-good">{t('passwordChanged')}</span> : t('passwordChangeHint')}
        onChange={(event) => {
          setPassword(event.currentTarget.value);
          setDone(false);
          forget();
        }}
      />
      <Button type="submit" size="sm" busy={busy} disabled={password === ''} className="mt-2 self-start">
        {t('changePassword')}
      </Button>
    </form>
  );
}
