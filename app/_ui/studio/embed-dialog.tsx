'use client';

import { CodeXml } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '../primitives/button.tsx';
import { CopyField } from '../primitives/copy-field.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Select } from '../primitives/select.tsx';
import { Switch } from '../primitives/switch.tsx';
import type { OwnBroadcast } from './calls.ts';
import { type EmbedChoice, embedAddressOf, embedCode, FIRST_CHOICE } from './embed-code.ts';

/** The code of the player for other pages, with the player as it will be there. */
export function EmbedDialog(props: { handle: string; channelName: string; broadcast: OwnBroadcast | null }) {
  const t = useTranslations('studio.embed');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <CodeXml aria-hidden className="size-4" strokeWidth={1.75} />
        {t('open')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('title')} description={t('text')} className="max-w-2xl">
        <EmbedForm {...props} />
      </Dialog>
    </>
  );
}

/** Mounted with the dialog: the page's own origin is known, and the preview plays only while it is looked at. */
function EmbedForm(props: { handle: string; channelName: string; broadcast: OwnBroadcast | null }) {
  const { handle, channelName, broadcast } = props;
  const t = useTranslations('studio.embed');
  const [choice, setChoice] = useState<EmbedChoice>(FIRST_CHOICE);
  const change = (part: Partial<EmbedChoice>) => setChoice((old) => ({ ...old, ...part }));
  const address = embedAddressOf(location.origin, handle, broadcast?.id ?? null, choice);
  const title = choice.what === 'this-show' && broadcast?.title ? broadcast.title : channelName;
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <Select
          label={t('what')}
          value={choice.what}
          onChange={(what) => change({ what })}
          options={[
            { value: 'always', label: t('always') },
            { value: 'this-show', label: t('thisShow'), disabled: broadcast === null },
          ]}
        />
        <Select
          label={t('size')}
          value={choice.size}
          onChange={(size) => change({ size })}
          options={[
            { value: 'fluid', label: t('fluid') },
            { value: '1280', label: '1280 × 720' },
            { value: '854', label: '854 × 480' },
            { value: '640', label: '640 × 360' },
          ]}
        />
      </div>
      <Switch label={t('autoplay')} checked={choice.autoplay} onChange={(autoplay) => change({ autoplay })} />
      <CopyField label={t('code')} value={embedCode(address, title, choice.size)} />
      <iframe
        key={address}
        src={address}
        title={t('preview')}
        allow="autoplay; fullscreen; picture-in-picture"
        className="aspect-video w-full rounded-video border border-line"
      />
    </>
  );
}
