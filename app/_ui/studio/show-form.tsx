'use client';

import { useTranslations } from 'next-intl';
import { Select } from '../primitives/select.tsx';
import { TextField } from '../primitives/text-field.tsx';
import type { PictureChoice } from './picture-choice.ts';
import { PictureFields } from './picture-fields.tsx';
import { OFFERED_VISIBILITIES, type OfferedVisibility, titleProblem } from './visibility.ts';

export type ShowDraft = { title: string; visibility: OfferedVisibility; picture: PictureChoice };

/** Title, visibility and picture of the next show. On air they stand still. */
export function ShowForm(props: {
  draft: ShowDraft;
  onChange(draft: ShowDraft): void;
  /** True once somebody tried to go live: only then an empty title is called a mistake. */
  tried: boolean;
  fixed: boolean;
  serverProblem?: string | null;
}) {
  const t = useTranslations('studio.show');
  const { draft, onChange, tried, fixed } = props;
  const problem = titleProblem(draft.title);
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
        options={OFFERED_VISIBILITIES.map((value) => ({ value, label: t(value), note: t(`${value}Note`) }))}
      />
      <PictureFields choice={draft.picture} fixed={fixed} onChange={(picture) => onChange({ ...draft, picture })} />
    </div>
  );
}
