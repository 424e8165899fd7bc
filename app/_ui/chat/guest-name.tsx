'use client';

import { Pencil } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type FormEvent, useRef, useState } from 'react';
import type { Me } from '#realtime/contract';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { TextField } from '../primitives/text-field.tsx';

const MAX_NAME = 32;

/** Who I am in this chat; a guest may change the name. `onRename` gives null, or why it was refused. */
export function GuestName({ me, onRename }: { me: Me; onRename(name: string): Promise<string | null> }) {
  const t = useTranslations('chat');
  const common = useTranslations('common');
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState(me.name);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  if (me.guestToken === null) {
    return <span className="truncate pr-2 text-13 text-muted">{t('you', { name: me.name })}</span>;
  }

  const open = () => {
    setName(me.name);
    setProblem(null);
    setIsOpen(true);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setIsBusy(true);
    const refusal = await onRename(name.trim());
    setIsBusy(false);
    setProblem(refusal);
    if (refusal === null) setIsOpen(false);
  };

  return (
    <>
      <Button tone="quiet" size="sm" onClick={open} title={t('changeName')} className="min-w-0 shrink! text-muted!">
        <span className="truncate">{me.name}</span>
        <Pencil aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
        <span className="sr-only">{t('changeName')}</span>
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={setIsOpen}
        title={t('nameTitle')}
        description={t('nameText')}
        initialFocus={field}
      >
        <form onSubmit={save} className="flex flex-col gap-3">
          <TextField
            ref={field}
            label={t('nameLabel')}
            value={name}
            maxLength={MAX_NAME}
            autoComplete="nickname"
            required
            error={problem}
            onChange={(event) => setName(event.target.value)}
          />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setIsOpen(false)}>{common('cancel')}</Button>
            <Button type="submit" tone="primary" busy={isBusy} disabled={name.trim() === ''}>
              {common('save')}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
