'use client';

import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useState } from 'react';
import { isApiError } from '../api.ts';
import { Button } from '../primitives/button.tsx';
import { TextField } from '../primitives/text-field.tsx';
import { useAttempt } from '../use-attempt.ts';
import { signIn, useSession } from './session.ts';

/** E-mail and password; leads on to where the person wanted to go. */
export function SignInForm({ next }: { next: string }) {
  const t = useTranslations('studio.signIn');
  const router = useRouter();
  const session = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const {
    busy,
    error,
    field: refused,
    attempt,
    forget,
  } = useAttempt((failure) => {
    if (!isApiError(failure)) return null;
    if (failure.field === 'email') return t('emailWrong');
    if (failure.code === 'unauthenticated' || failure.status === 401) return t('wrong');
    if (failure.code !== 'rate-limited') return null;
    return t('limited', { seconds: Math.ceil((failure.retryAfterMs ?? 60_000) / 1000) });
  });

  const signedIn = session.status === 'signed-in';
  useEffect(() => {
    if (signedIn) router.replace(next);
  }, [signedIn, router, next]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    forget();
    if (!email.trim() || !password) return;
    await attempt(() => signIn(email.trim(), password));
  };

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-2">
      <TextField
        label={t('email')}
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={email}
        error={tried && !email.trim() ? t('emailMissing') : refused === 'email' ? error : null}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <TextField
        label={t('password')}
        type="password"
        autoComplete="current-password"
        value={password}
        error={tried && !password ? t('passwordMissing') : null}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <p role="alert" className="min-h-5 text-13 font-medium text-warn">
        {refused === 'email' ? null : error}
      </p>
      {/* Busy until the next page is there: the effect above leads on. */}
      <Button type="submit" tone="primary" size="lg" busy={busy || signedIn}>
        {t('submit')}
      </Button>
    </form>
  );
}
