'use client';

import { LockKeyhole, Ticket } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Lock } from '#core/broadcast/let-in';
import type { PublicChannel } from '#core/broadcast/public-views';
import { Button } from '../primitives/button.tsx';
import { inputLook } from '../primitives/input-look.ts';
import { Skeleton } from '../primitives/skeleton.tsx';
import { useErrorWords } from '../use-error-words.ts';
import type { GateProblem } from './unlock.ts';
import type { GateState } from './use-unlock.ts';
import { useNowMs } from './when.tsx';

/** What stands where the picture would be, until this browser is let in. Tells whose show it is, never which. */
export function Gate(props: {
  lock: Lock;
  channel: PublicChannel;
  state: Exclude<GateState, { kind: 'in' }>;
  onSubmit(text: string): void;
  onRetry(): void;
}) {
  const { lock, channel, state } = props;
  const t = useTranslations('watch.gate');
  const Icon = lock === 'password' ? LockKeyhole : Ticket;
  return (
    <div className="flex size-full min-h-0 flex-col items-center justify-center gap-3 overflow-y-auto bg-panel p-4 text-center sm:p-6">
      <Icon aria-hidden className="size-6 shrink-0 text-muted" strokeWidth={1.75} />
      <h1 className="text-16 sm:text-20">{t(`${lock}Title`)}</h1>
      <p className="max-w-md text-13 text-muted sm:text-14">{t(`${lock}Text`, { channel: channel.name })}</p>
      {state.kind === 'looking' ? (
        <div role="status" className="flex w-full max-w-sm flex-col gap-2">
          <span className="sr-only">{t('looking')}</span>
          <Skeleton className="h-10" />
        </div>
      ) : (
        <GateForm {...props} state={state} />
      )}
    </div>
  );
}

function GateForm(props: {
  lock: Lock;
  state: Extract<GateState, { kind: 'asking' }>;
  onSubmit(text: string): void;
  onRetry(): void;
}) {
  const { lock, state, onSubmit, onRetry } = props;
  const t = useTranslations('watch.gate');
  const common = useTranslations('common');
  const [text, setText] = useState('');
  const [touched, setTouched] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const nowMs = useNowMs(1000);
  const { problem, isBusy } = state;
  const words = useProblemWords(lock, problem, nowMs);
  const isOut = problem?.kind === 'locked-out' && (nowMs ?? 0) < problem.untilMs;
  const isWrong = problem !== null && problem.kind !== 'trouble' && !touched;

  // A refusal is said where the cursor is: at the field, with all of it selected.
  useEffect(() => {
    setTouched(false);
    if (problem) field.current?.select();
  }, [problem]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '' && !isOut) onSubmit(text.trim());
  };
  if (problem?.kind === 'gone') return <p role="alert">{words}</p>;
  return (
    <form onSubmit={submit} className="flex w-full max-w-sm flex-col gap-1 text-left">
      <label htmlFor="gate" className="text-13 font-medium">
        {t(`${lock}Label`)}
      </label>
      <div className="flex gap-2">
        <input
          ref={field}
          id="gate"
          type={lock === 'password' ? 'password' : 'text'}
          value={text}
          required
          maxLength={lock === 'password' ? 128 : 1000}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={isWrong || undefined}
          aria-describedby="gate-problem"
          onChange={(event) => {
            setText(event.target.value);
            setTouched(true);
          }}
          className={inputLook}
        />
        <Button type="submit" tone="primary" busy={isBusy} disabled={text.trim() === '' || isOut}>
          {t('watch')}
        </Button>
      </div>
      <p id="gate-problem" role="alert" className="min-h-10 text-13 font-medium text-warn">
        {words}
      </p>
      {problem?.kind === 'trouble' && (
        <Button size="sm" onClick={onRetry} className="self-start">
          {common('tryAgain')}
        </Button>
      )}
    </form>
  );
}

function useProblemWords(lock: Lock, problem: GateProblem | null, nowMs: number | null): string {
  const t = useTranslations('watch.gate');
  const format = useFormatter();
  const wordsOf = useErrorWords();
  if (!problem) return '';
  if (problem.kind === 'trouble') return wordsOf(problem.error);
  if (problem.kind === 'pass-ended') return t(`${lock}Ended`);
  if (problem.kind !== 'locked-out') return t(problem.kind);
  const leftS = Math.ceil((problem.untilMs - (nowMs ?? Date.now())) / 1000);
  if (leftS <= 0) return t('lockedOutOver');
  const [value, unit] = leftS > 90 ? ([Math.ceil(leftS / 60), 'minute'] as const) : ([leftS, 'second'] as const);
  return t('locked-out', { time: format.number(value, { style: 'unit', unit, unitDisplay: 'long' }) });
}
