'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Button } from '../primitives/button.tsx';
import { Select } from '../primitives/select.tsx';
import { TextField } from '../primitives/text-field.tsx';
import { useAttempt } from '../use-attempt.ts';
import { calls, type OwnBroadcast } from './calls.ts';
import { useVisibilityOptions } from './use-visibility-options.ts';
import { passwordProblem } from './visibility.ts';

/** Opens or closes a recording to others than its show was for. */
export function VisibilityChange({ broadcast, onChanged }: { broadcast: OwnBroadcast; onChanged(): void }) {
  const t = useTranslations('studio.access');
  const common = useTranslations('common');
  const [visibility, setVisibility] = useState(broadcast.visibility);
  const [password, setPassword] = useState('');
  const { busy, error, attempt, refuse, forget } = useAttempt();
  const isChanged = visibility !== broadcast.visibility;
  const asksPassword = isChanged && visibility === 'password';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = passwordProblem({ visibility, password }, false);
    if (wrong) return refuse(t(wrong));
    await attempt(async () => {
      await calls.editBroadcast(broadcast.id, { visibility, ...(asksPassword ? { password: password.trim() } : {}) });
      setPassword('');
      onChanged();
    });
  };
  const options = useVisibilityOptions(broadcast.visibility);
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <Select
        label={t('title')}
        hideLabel
        value={visibility}
        options={options}
        onChange={(next) => {
          setVisibility(next);
          forget();
        }}
      />
      {asksPassword ? (
        <TextField
          label={t('password')}
          hint={t('passwordHint')}
          value={password}
          error={error}
          maxLength={128}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
            forget();
          }}
        />
      ) : (
        error && (
          <p role="alert" className="text-13 font-medium text-warn">
            {error}
          </p>
        )
      )}
      {isChanged && (
        <div className="flex flex-col items-start gap-2">
          <p className="text-13 text-muted">{t('changeNote')}</p>
          <Button type="submit" tone="primary" size="sm" busy={busy}>
            {common('save')}
          </Button>
        </div>
      )}
    </form>
  );
}
