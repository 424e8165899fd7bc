'use client';

import { CodeXml } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { cn } from '../cn.ts';
import { Button } from '../primitives/button.tsx';
import { CopyField } from '../primitives/copy-field.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Select } from '../primitives/select.tsx';
import { Switch } from '../primitives/switch.tsx';
import { EMBED_FORMS } from '../watch/embed-form.ts';
import type { OwnBroadcast } from './calls.ts';
import { EMBED_SIZES, type EmbedChoice, embedAddressOf, embedCode, FIRST_CHOICE } from './embed-code.ts';
import { EmbedHostsForm } from './embed-hosts-form.tsx';
import { isClosed } from './visibility.ts';

type Props = { handle: string; channelName: string; broadcast: OwnBroadcast | null };

/** The code of the player and the chat for other pages, with the frame as it will be there. */
export function EmbedDialog(props: Props) {
  const t = useTranslations('studio.embed');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} className="max-sm:px-3">
        <CodeXml aria-hidden className="size-4" strokeWidth={1.75} />
        <span className="max-sm:sr-only">{t('open')}</span>
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('title')} description={t('text')} className="max-w-2xl!">
        <EmbedSettings {...props} />
      </Dialog>
    </>
  );
}

/** Mounted with the dialog: the page's own origin is known, and the preview plays only while it is looked at. */
function EmbedSettings({ handle, channelName, broadcast }: Props) {
  const t = useTranslations('studio.embed');
  const [wish, setWish] = useState<EmbedChoice>(FIRST_CHOICE);
  const change = (part: Partial<EmbedChoice>) => setWish((old) => ({ ...old, ...part }));
  // What not everyone may watch is on no channel's page: a frame shows it by name or not at all.
  const closed = broadcast !== null && isClosed(broadcast.visibility);
  const choice: EmbedChoice = closed ? { ...wish, what: 'this-show' } : wish;
  const address = embedAddressOf(location.origin, handle, broadcast?.id ?? null, choice);
  const title = choice.what === 'this-show' && broadcast?.title && !closed ? broadcast.title : channelName;
  const sizes = EMBED_SIZES[choice.form];
  const pixels = (size: keyof typeof sizes) => `${sizes[size].width} × ${sizes[size].height}`;
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-3">
        <Select
          label={t('form')}
          value={choice.form}
          onChange={(form) => change({ form })}
          options={EMBED_FORMS.map((form) => ({ value: form, label: t(`forms.${form}`) }))}
        />
        <Select
          label={t('what')}
          value={choice.what}
          onChange={(what) => change({ what })}
          options={[
            { value: 'always', label: t('always'), disabled: closed },
            { value: 'this-show', label: t('thisShow'), disabled: broadcast === null },
          ]}
        />
        <Select
          label={t('size')}
          value={choice.size}
          onChange={(size) => change({ size })}
          options={[
            { value: 'fluid', label: t('fluid') },
            { value: 'large', label: pixels('large') },
            { value: 'medium', label: pixels('medium') },
            { value: 'small', label: pixels('small') },
          ]}
        />
      </div>
      {closed && <p className="text-13 text-muted">{t('closedNote')}</p>}
      {choice.form !== 'chat' && (
        <Switch label={t('autoplay')} checked={choice.autoplay} onChange={(autoplay) => change({ autoplay })} />
      )}
      <CopyField label={t('code')} value={embedCode(address, title, choice)} />
      <div className="flex flex-col gap-1">
        <h3 className="text-13 font-medium">{t('preview')}</h3>
        <iframe
          key={address}
          src={`${address}${address.includes('?') ? '&' : '?'}preview`}
          title={t('preview')}
          allow="autoplay; fullscreen; picture-in-picture"
          className={cn(
            'w-full shrink-0 rounded-video border border-line',
            choice.form === 'player' ? 'aspect-video' : 'h-96',
            choice.form === 'chat' && 'mx-auto max-w-sm',
          )}
        />
      </div>
      <EmbedHostsForm handle={handle} />
    </>
  );
}
