'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useState } from 'react';
import { isApiError } from '../api.ts';
import { Button } from '../primitives/button.tsx';
import { Select } from '../primitives/select.tsx';
import { TextArea } from '../primitives/text-field.tsx';
import { useErrorWords } from '../use-error-words.ts';
import { calls } from './calls.ts';
import { type FramedBy, framedByOf, hostsOf, readHosts } from './embed-hosts.ts';

type Outcome = { done: boolean; words: string | null };

/** Whose pages may show the channel's frames. Holds from the next opening of a frame on. */
export function EmbedHostsForm({ handle }: { handle: string }) {
  const t = useTranslations('studio.embed');
  const wordsOf = useErrorWords();
  const [choice, setChoice] = useState<FramedBy | null>(null);
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<Outcome>({ done: false, words: null });
  const [isBusy, setIsBusy] = useState(false);

  useEffect(() => {
    const stop = new AbortController();
    calls
      .embedHosts(handle, stop.signal)
      .then(({ hosts }) => {
        setChoice(framedByOf(hosts));
        setText((hosts ?? []).join('\n'));
      })
      .catch((error) => !stop.signal.aborted && setOutcome({ done: false, words: wordsOf(error) }));
    return () => stop.abort();
  }, [handle, wordsOf]);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (choice === null) return;
    if (choice === 'some' && readHosts(text).length === 0) return setOutcome({ done: false, words: t('hostsMissing') });
    setIsBusy(true);
    try {
      const saved = await calls.setEmbedHosts(handle, hostsOf(choice, text));
      setText((saved.hosts ?? []).join('\n'));
      setOutcome({ done: true, words: null });
    } catch (error) {
      setOutcome({ done: false, words: refusalWords(error) });
    }
    setIsBusy(false);
  };
  /** The server names the one that is wrong by its place: `hosts.2`. */
  function refusalWords(error: unknown): string {
    const at = isApiError(error) ? /^hosts\.(\d+)$/.exec(error.field ?? '')?.[1] : undefined;
    return at === undefined ? wordsOf(error) : t('hostWrong', { host: readHosts(text)[Number(at)] ?? '' });
  }
  const change = (next: FramedBy) => {
    setChoice(next);
    setOutcome({ done: false, words: null });
  };
  return (
    <form onSubmit={save} className="flex flex-col gap-2 border-t border-line pt-4">
      <Select
        label={t('framedBy')}
        value={choice}
        onChange={change}
        options={[
          { value: 'all', label: t('framedByAll') },
          { value: 'some', label: t('framedBySome') },
          { value: 'none', label: t('framedByNone') },
        ]}
      />
      {choice === 'some' && (
        <TextArea
          label={t('hosts')}
          hint={t('hostsHint')}
          rows={3}
          value={text}
          error={outcome.words}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setOutcome({ done: false, words: null });
          }}
        />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" size="sm" busy={isBusy} disabled={choice === null}>
          {t('saveHosts')}
        </Button>
        <p role="status" className="text-13">
          {outcome.done && <span className="text-good">{t('hostsSaved')}</span>}
          {choice !== 'some' && outcome.words && <span className="font-medium text-warn">{outcome.words}</span>}
        </p>
      </div>
    </form>
  );
}
