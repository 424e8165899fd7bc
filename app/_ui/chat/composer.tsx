'use client';

import { SendHorizontal } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { cn } from '../cn.ts';
import { IconButton } from '../primitives/button.tsx';
import { inputLook } from '../primitives/input-look.ts';

const MAX_LENGTH = 500;
/** From here on the number of characters left is shown. */
const WARN_LEFT = 80;

/** Where a line is written. Enter sends, Shift+Enter does not. */
export function Composer({ isOpen, onSay, onFocus }: { isOpen: boolean; onSay(text: string): void; onFocus(): void }) {
  const t = useTranslations('chat');
  const [text, setText] = useState('');
  const left = MAX_LENGTH - Array.from(text).length;
  const maySend = isOpen && text.trim() !== '' && left >= 0;

  const send = () => {
    if (!maySend) return;
    onSay(text.trim());
    setText('');
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends a composition (Japanese, Chinese, Korean) belongs to the keyboard.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form onSubmit={onSubmit} className="border-t border-line p-3">
      <div className="flex items-end gap-2">
        <textarea
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onFocus={onFocus}
          aria-label={t('compose')}
          placeholder={isOpen ? t('compose') : t('closedCompose')}
          enterKeyHint="send"
          autoComplete="off"
          aria-invalid={left < 0 || undefined}
          className={cn(inputLook, 'field-sizing-content max-h-32 resize-none leading-snug')}
        />
        <IconButton label={t('send')} type="submit" tone="primary" disabled={!maySend}>
          <SendHorizontal aria-hidden className="size-5" strokeWidth={1.75} />
        </IconButton>
      </div>
      {left <= WARN_LEFT && (
        <p aria-live="polite" className={cn('mt-1 text-12 tabular', left < 0 ? 'font-medium text-warn' : 'text-muted')}>
          {left < 0 ? t('tooLong', { count: -left }) : t('left', { count: left })}
        </p>
      )}
    </form>
  );
}
