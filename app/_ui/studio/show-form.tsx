'use client';

import { useTranslations } from 'next-intl';
import type { Visibility } from '#core/broadcast/broadcast';
import { Button } from '../primitives/button.tsx';
import { Select } from '../primitives/select.tsx';
import { TextField } from '../primitives/text-field.tsx';
import type { PictureChoice } from './picture-choice.ts';
import { PictureFields } from './picture-fields.tsx';
import { useVisibilityOptions } from './use-visibility-options.ts';
import { passwordProblem, titleProblem } from './visibility.ts';

export type ShowDraft = { title: string; visibility: Visibility; password: string; picture: PictureChoice };

/** Title, visibility and picture of the next show. On air they stand still. */
export function ShowForm(props: {
  draft: ShowDraft;
  onChange(draft: ShowDraft): void;
  /** True once somebody tried to go live: only then an empty title is called a mistake. */
  tried: boolean;
  fixed: boolean;
  serverProblem?: string | null;
  /** The open show has a password already: it is changed where its link is. */
  hasPassword: boolean;
  /** Keeps the form without going live; null where there is nothing to keep. */
  onSave: (() => void) | null;
}) {
  const t = useTranslations('studio.show');
  const { draft, onChange, tried, fixed } = props;
  const problem = titleProblem(draft.title);
  const access = useTranslations('studio.access');
  const options = useVisibilityOptions(draft.visibility);
  const wrong = passwordProblem(draft, props.hasPassword);
  const shownPassword = wrong && tried ? access(wrong) : null;
  const shown = problem && (tried || problem === 'nameLong') ? t(problem) : (props.serverProblem ?? null);
  return (
    <div className="flex flex-col gap-2">
      <TextField
        label={t('name')}
        value={draft.title}
        disabled={fixed}
        error={shown}
        hint={fixed ? t('fixedWhileOnAir') : t('nameHint')}
        onChange={(event) => onChange({ ...draft, title: event.currentTarget.value })}
      />
      <Select
        label={t('visibility')}
        value={draft.visibility}
        disabled={fixed}
        onChange={(visibility) => onChange({ ...draft, visibility })}
        options={options}
      />
      {draft.visibility === 'password' && !props.hasPassword && !fixed && (
        <TextField
          label={access('password')}
          value={draft.password}
          error={shownPassword}
          hint={access('passwordHint')}
          maxLength={128}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => onChange({ ...draft, password: event.currentTarget.value })}
        />
      )}
      {props.onSave && !fixed && (
        <Button size="sm" onClick={props.onSave} className="mb-2 self-start">
          {access('save')}
        </Button>
      )}
      <PictureFields choice={draft.picture} fixed={fixed} onChange={(picture) => onChange({ ...draft, picture })} />
    </div>
  );
}
