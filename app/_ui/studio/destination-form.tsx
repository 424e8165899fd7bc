'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useState } from 'react';
import { isApiError } from '../api.ts';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { TextField } from '../primitives/text-field.tsx';
import { useErrorWords } from '../use-error-words.ts';
import { calls, type Destination } from './calls.ts';
import { type DestinationDraft, destinationProblems } from './destination-rules.ts';

const EMPTY: DestinationDraft = { name: '', url: '', streamKey: '' };

/** Adds or edits a destination. The key is written, never read. */
export function DestinationForm(props: {
  handle: string;
  open: boolean;
  editing: Destination | null;
  onOpenChange(open: boolean): void;
  onSaved(saved: Destination): void;
}) {
  const { handle, open, editing, onOpenChange, onSaved } = props;
  const t = useTranslations('studio.destinations');
  const common = useTranslations('common');
  const wordsOf = useErrorWords();
  const [draft, setDraft] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<{ field: string | undefined; words: string } | null>(null);

  useEffect(() => {
    if (!open) return;
    setDraft(editing ? { name: editing.name, url: editing.url, streamKey: '' } : EMPTY);
    setTried(false);
    setRefused(null);
  }, [open, editing]);

  const problems = destinationProblems(draft, editing !== null);
  const errorOf = (field: keyof DestinationDraft): string | null => {
    const problem = tried ? problems[field] : undefined;
    if (problem) return t(problem);
    return refused?.field === field ? refused.words : null;
  };
  const change = (field: keyof DestinationDraft) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setDraft((old) => ({ ...old, [field]: value }));
    setRefused(null);
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    setBusy(true);
    const body = { name: draft.name.trim(), url: draft.url.trim() };
    const streamKey = draft.streamKey.trim();
    try {
      onSaved(
        editing
          ? await calls.editDestination(handle, editing.id, { ...body, ...(streamKey ? { streamKey } : {}) })
          : await calls.addDestination(handle, { ...body, kind: 'custom', streamKey, enabled: true }),
      );
    } catch (error) {
      setRefused({ field: isApiError(error) ? error.field : undefined, words: wordsOf(error) });
    }
    setBusy(false);
  };
  const general = refused && !(refused.field && refused.field in EMPTY) ? refused.words : null;

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={editing ? t('editTitle', { name: editing.name }) : t('addTitle')}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-2">
        <TextField
          label={t('name')}
          hint={t('nameHint')}
          value={draft.name}
          error={errorOf('name')}
          onChange={change('name')}
        />
        <TextField
          label={t('url')}
          hint={t('urlHint')}
          value={draft.url}
          error={errorOf('url')}
          onChange={change('url')}
          inputMode="url"
          autoCapitalize="none"
          spellCheck={false}
        />
        <TextField
          label={t('key')}
          hint={editing ? t('keyEditHint') : t('keyHint')}
          value={draft.streamKey}
          error={errorOf('streamKey')}
          onChange={change('streamKey')}
          type="password"
          autoComplete="off"
          spellCheck={false}
        />
        <p role="alert" className="min-h-5 text-13 font-medium text-warn">
          {general}
        </p>
        <div className="flex justify-end gap-2">
          <Button tone="quiet" onClick={() => onOpenChange(false)}>
            {common('cancel')}
          </Button>
          <Button type="submit" tone="primary" busy={busy}>
            {editing ? common('save') : t('add')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
