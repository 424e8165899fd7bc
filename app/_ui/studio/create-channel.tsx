'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import type { PublicChannel } from '#core/broadcast/public-views';
import { refreshSession } from '../account/session.ts';
import { isApiError } from '../api.ts';
import { Button } from '../primitives/button.tsx';
import { TextField } from '../primitives/text-field.tsx';
import { useErrorWords } from '../use-error-words.ts';
import { calls } from './calls.ts';
import { handleProblem, suggestHandle } from './handle-rules.ts';

/** Name and address of a new channel; the address follows the name until it is typed itself. */
export function CreateChannel({ onCreated }: { onCreated(channel: PublicChannel): void }) {
  const t = useTranslations('studio.create');
  const wordsOf = useErrorWords();
  const [name, setName] = useState('');
  const [typed, setTyped] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<{ field: string | undefined; words: string } | null>(null);

  const handle = typed ?? suggestHandle(name);
  const problem = handleProblem(handle);
  // While one types, "too short" is not a mistake yet.
  const shown = problem && (tried || (typed !== null && problem !== 'short')) ? t(`handleProblem.${problem}`) : null;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!name.trim() || problem) return;
    setBusy(true);
    setRefused(null);
    try {
      const channel = await calls.createChannel(handle, name.trim());
      await refreshSession();
      onCreated(channel);
    } catch (error) {
      setRefused({ field: isApiError(error) ? error.field : undefined, words: wordsOf(error) });
      setBusy(false);
    }
  };

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-2">
      <TextField
        label={t('name')}
        hint={t('nameHint')}
        value={name}
        maxLength={80}
        error={tried && !name.trim() ? t('nameMissing') : refused?.field === 'name' ? refused.words : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextField
        label={t('handle')}
        hint={t('handleHint')}
        prefix="/"
        value={handle}
        autoCapitalize="none"
        spellCheck={false}
        error={shown ?? (refused?.field === 'handle' ? refused.words : null)}
        onChange={(event) => {
          setTyped(event.currentTarget.value.toLowerCase());
          setRefused(null);
        }}
      />
      <p role="alert" className="min-h-5 text-13 font-medium text-warn">
        {refused && refused.field !== 'name' && refused.field !== 'handle' ? refused.words : null}
      </p>
      <div className="flex justify-end">
        <Button type="submit" tone="primary" busy={busy}>
          {t('submit')}
        </Button>
      </div>
    </form>
  );
}
