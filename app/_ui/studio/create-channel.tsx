'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import type { PublicChannel } from '#core/broadcast/public-views';
import { refreshSession } from '../account/session.ts';
import { Button } from '../primitives/button.tsx';
import { TextField } from '../primitives/text-field.tsx';
import { useAttempt } from '../use-attempt.ts';
import { calls } from './calls.ts';
import { handleProblem, suggestHandle } from './handle-rules.ts';

/** Name and address of a new channel; the address follows the name until it is typed itself. */
export function CreateChannel({ onCreated }: { onCreated(channel: PublicChannel): void }) {
  const t = useTranslations('studio.create');
  const [name, setName] = useState('');
  const [typed, setTyped] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const { busy, error, field: refused, attempt, forget } = useAttempt();

  const handle = typed ?? suggestHandle(name);
  const problem = handleProblem(handle);
  // While one types, "too short" is not a mistake yet.
  const shown = problem && (tried || (typed !== null && problem !== 'short')) ? t(`handleProblem.${problem}`) : null;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!name.trim() || problem) return;
    await attempt(async () => {
      const channel = await calls.createChannel(handle, name.trim());
      await refreshSession();
      onCreated(channel);
    });
  };

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-2">
      <TextField
        label={t('name')}
        hint={t('nameHint')}
        value={name}
        maxLength={80}
        error={tried && !name.trim() ? t('nameMissing') : refused === 'name' ? error : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextField
        label={t('handle')}
        hint={t('handleHint')}
        prefix="/"
        value={handle}
        autoCapitalize="none"
        spellCheck={false}
        error={shown ?? (refused === 'handle' ? error : null)}
        onChange={(event) => {
          setTyped(event.currentTarget.value.toLowerCase());
          forget();
        }}
      />
      <p role="alert" className="min-h-5 text-13 font-medium text-warn">
        {refused === 'name' || refused === 'handle' ? null : error}
      </p>
      <div className="flex justify-end">
        <Button type="submit" tone="primary" busy={busy}>
          {t('submit')}
        </Button>
      </div>
    </form>
  );
}
