'use client';

import { SendHorizontal } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type FormEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
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
  const field = useRef<HTMLTextAreaElement>(null);
  const left = MAX_LENGTH - Array.from(text).length;
  const maySend = isOpen && text.trim() !== '' && left >= 0;

  // The server's HTML can be written into before the page lives, and React never hears of it: an Enter stands at the end there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page comes to life.
  useLayoutEffect(() => {
    const early = field.current;
    if (!early || early.value === '') return;
    const line = early.value.trim();
    if (early.value.endsWith('\n') && line !== '' && Array.from(line).length <= MAX_LENGTH) {
      onSay(line);
      early.value = '';
    } else setText(early.value);
    if (document.activeElement === early) onFocus();
  }, []);

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
          ref={field}
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
