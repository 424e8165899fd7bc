'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useState } from 'react';
import { DESTINATION_KINDS, type DestinationKind, PLATFORMS } from '#core/destination/platforms';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Select } from '../primitives/select.tsx';
import { TextField } from '../primitives/text-field.tsx';
import { useAttempt } from '../use-attempt.ts';
import { calls, type Destination } from './calls.ts';
import { type DestinationDraft, destinationProblems, isSrt } from './destination-rules.ts';

const EMPTY: DestinationDraft = { name: '', url: '', streamKey: '', passphrase: '' };

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
  const [draft, setDraft] = useState(EMPTY);
  const [kind, setKind] = useState<DestinationKind>('custom');
  const [tried, setTried] = useState(false);
  const { busy, error, field: refused, attempt, forget } = useAttempt();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `forget` is another one each time
  useEffect(() => {
    if (!open) return;
    setDraft(editing ? { ...EMPTY, name: editing.name, url: editing.url } : EMPTY);
    setKind('custom');
    setTried(false);
    forget();
  }, [open, editing]);

  const problems = destinationProblems(draft, editing !== null);
  const errorOf = (field: keyof DestinationDraft): string | null => {
    const problem = tried ? problems[field] : undefined;
    if (problem) return t(problem);
    return refused === field ? error : null;
  };
  const change = (field: keyof DestinationDraft) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setDraft((old) => ({ ...old, [field]: value }));
    forget();
  };

  /** What the platform is known by, unless its owner wrote something of their own. */
  const choose = (next: DestinationKind) => {
    const [was, now] = [PLATFORMS[kind], PLATFORMS[next]];
    setKind(next);
    forget();
    setDraft((old) => ({
      ...old,
      name: old.name === '' || old.name === was.name ? (now.url ? now.name : '') : old.name,
      url: old.url === '' || old.url === was.url ? (now.url ?? '') : old.url,
    }));
  };
  const srt = isSrt(draft.url) || (!editing && kind === 'srt');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    const body = { name: draft.name.trim(), url: draft.url.trim() };
    const streamKey = draft.streamKey.trim();
    const secret = srt && draft.passphrase ? { passphrase: draft.passphrase } : {};
    await attempt(async () =>
      onSaved(
        editing
          ? await calls.editDestination(handle, editing.id, { ...body, ...(streamKey ? { streamKey } : {}), ...secret })
          : await calls.addDestination(handle, { ...body, kind, streamKey, ...secret, enabled: true }),
      ),
    );
  };
  const general = refused && refused in EMPTY ? null : error;

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={editing ? t('editTitle', { name: editing.name }) : t('addTitle')}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-2">
        {!editing && (
          <Select
            label={t('kind')}
            options={DESTINATION_KINDS.map((value) => ({ value, label: PLATFORMS[value].name }))}
            value={kind}
            onChange={choose}
          />
        )}
        <TextField
          label={t('name')}
          hint={t('nameHint')}
          value={draft.name}
          error={errorOf('name')}
          onChange={change('name')}
        />
        <TextField
          label={t('url')}
          hint={t(srt ? 'srtUrlHint' : 'urlHint')}
          value={draft.url}
          error={errorOf('url')}
          onChange={change('url')}
          inputMode="url"
          autoCapitalize="none"
          spellCheck={false}
        />
        <TextField
          label={t(srt ? 'streamId' : 'key')}
          hint={editing ? t('keyEditHint') : t('keyHint')}
          value={draft.streamKey}
          error={errorOf('streamKey')}
          onChange={change('streamKey')}
          type="password"
          autoComplete="off"
          spellCheck={false}
        />
        {srt && (
          <TextField
            label={t('passphrase')}
            hint={editing ? t('keyEditHint') : t('passphraseHint')}
            value={draft.passphrase}
            error={errorOf('passphrase')}
            onChange={change('passphrase')}
            type="password"
            autoComplete="off"
            spellCheck={false}
          />
        )}
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
