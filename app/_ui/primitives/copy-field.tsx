'use client';

import { Check, Copy, Eye, EyeOff } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId, useRef, useState } from 'react';
import { cn } from '../cn.ts';
import { IconButton } from './button.tsx';
import { inputLook } from './input-look.ts';
import { useCopy } from './use-copy.ts';

/** A value to carry elsewhere. A secret is masked until asked for, and copies without being shown. */
export function CopyField({
  label,
  value,
  secret = false,
  className,
}: {
  label: string;
  value: string;
  secret?: boolean;
  className?: string;
}) {
  const t = useTranslations('common');
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(!secret);
  const { state, copy } = useCopy();

  const onCopy = async () => {
    await copy(value);
    // Without a clipboard (plain http on another host) the text is at least selected, ready for the keyboard.
    if (!navigator.clipboard) {
      setShown(true);
      input.current?.select();
    }
  };

  return (
    <div className={cn('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-13 font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          ref={input}
          id={id}
          readOnly
          spellCheck={false}
          autoComplete="off"
          type={shown ? 'text' : 'password'}
          value={value}
          onFocus={(event) => event.currentTarget.select()}
          className={cn(inputLook, 'font-mono text-13!', secret ? 'pr-22' : 'pr-12')}
        />
        <div className="absolute inset-y-0 right-1 flex items-center">
          {secret && (
            <IconButton
              size="icon-sm"
              label={shown ? t('hide') : t('show')}
              aria-pressed={shown}
              onClick={() => setShown(!shown)}
            >
              {shown ? (
                <EyeOff aria-hidden className="size-4" strokeWidth={1.75} />
              ) : (
                <Eye aria-hidden className="size-4" strokeWidth={1.75} />
              )}
            </IconButton>
          )}
          <IconButton size="icon-sm" label={t('copyThing', { thing: label })} onClick={onCopy}>
            {state === 'copied' ? (
              <Check aria-hidden className="size-4 text-good" strokeWidth={2} />
            ) : (
              <Copy aria-hidden className="size-4" strokeWidth={1.75} />
            )}
          </IconButton>
        </div>
      </div>
      <p aria-live="polite" className="min-h-[1.15rem] text-12 text-muted">
        {state === 'copied' && <span className="text-good">{t('copied')}</span>}
        {state === 'failed' && t('copyFailed')}
      </p>
    </div>
  );
}
