'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useState } from 'react';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { Button } from '../primitives/button.tsx';
import { inputLook } from '../primitives/input-look.ts';
import type { ChannelClient } from './channel-client.ts';
import type { ChannelState } from './channel-state.ts';
import { keep, readKept } from './kept.ts';

const NAMED_KEY = 'openair-guest-named';
const MAX_NAME = 32;

/**
 * The chat on somebody else's page. Nobody is signed in there (the frame gets no cookie of ours), so whoever writes says first by what name.
 */
export function EmbedChat(props: {
  state: ChannelState;
  client: ChannelClient | null;
  onSay(text: string): void;
  onWanted(): void;
  className?: string;
}) {
  const { state, client } = props;
  const [isNamed, setIsNamed] = useState(false);
  useEffect(() => setIsNamed(readKept(NAMED_KEY) !== null), []);
  const isGuest = state.me !== null && state.me.guestToken !== null;
  const asks = !isNamed && (isGuest || state.me === null);
  const onNamed = () => {
    keep(NAMED_KEY, '1');
    setIsNamed(true);
  };
  return (
    <ChatPanel
      state={state}
      client={client}
      onSay={props.onSay}
      onWanted={props.onWanted}
      className={props.className}
      inPlaceOfComposer={
        asks && state.connection !== 'refused' ? (
          <NameForm client={client} onNamed={onNamed} onFocus={props.onWanted} />
        ) : undefined
      }
    />
  );
}

function NameForm({ client, onNamed, onFocus }: { client: ChannelClient | null; onNamed(): void; onFocus(): void }) {
  const t = useTranslations('chat');
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!client || name.trim() === '') return;
    setIsBusy(true);
    const refusal = await client.rename(name.trim(), t('nameOffline'));
    setIsBusy(false);
    setProblem(refusal);
    if (refusal === null) onNamed();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-1 border-t border-line p-3">
      <label htmlFor="guest-name" className="text-13 font-medium">
        {t('nameFirst')}
      </label>
      <div className="flex gap-2">
        <input
          id="guest-name"
          value={name}
          maxLength={MAX_NAME}
          autoComplete="nickname"
          onFocus={onFocus}
          aria-invalid={problem !== null || undefined}
          aria-describedby={problem ? 'guest-name-problem' : undefined}
          onChange={(event) => {
            setName(event.target.value);
            setProblem(null);
          }}
          className={inputLook}
        />
        <Button type="submit" tone="primary" busy={isBusy} disabled={!client || name.trim() === ''}>
          {t('join')}
        </Button>
      </div>
      {problem && (
        <p id="guest-name-problem" role="alert" className="text-13 font-medium text-warn">
          {problem}
        </p>
      )}
    </form>
  );
}
