'use client';

import { Download, Trash2 } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import { useCallback, useEffect, useState } from 'react';
import { IconButton } from '../primitives/button.tsx';
import { Confirm } from '../primitives/confirm.tsx';
import { Switch } from '../primitives/switch.tsx';
import { formatClock } from '../time.ts';
import { useAttempt } from '../use-attempt.ts';
import { calls, type Ingest, type InputRecording } from './calls.ts';

const SHOWN = 6;
const ASK_EVERY_MS = 10_000;
const MEGABYTE = 1_000_000;

/** Whether what encoders send is recorded as it comes; and what was, to be downloaded. The choice is saved at once, or taken back. */
export function InputRecordings({
  handle,
  ingest,
  onChange,
}: {
  handle: string;
  ingest: Ingest;
  onChange(ingest: Ingest): void;
}) {
  const t = useTranslations('studio.encoder.record');
  const { busy, error, attempt } = useAttempt();
  const { recordings, ask } = useInputRecordings(handle);
  const choose = (record: boolean) => attempt(async () => onChange(await calls.changeIngest(handle, { record })));
  return (
    <div className="flex flex-col gap-1">
      <Switch
        label={t('title')}
        checked={ingest.settings.record}
        disabled={busy}
        onChange={(on) => void choose(on)}
        className="text-13"
      />
      <p aria-live="polite" className="text-12 text-muted">
        {error ? <span className="text-warn">{error}</span> : t('note')}
      </p>
      {recordings.length > 0 && (
        <ul aria-label={t('list')} className="flex flex-col divide-y divide-line">
          {recordings.slice(0, SHOWN).map((one) => (
            <Row key={one.id} handle={handle} recording={one} onRemoved={ask} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** The newest recordings, asked for again while the panel is open. A list that cannot be loaded is not worth an alarm: the next one comes. */
function useInputRecordings(handle: string) {
  const [recordings, setRecordings] = useState<InputRecording[]>([]);
  const ask = useCallback(
    async (signal?: AbortSignal) => {
      const found = await calls.inputRecordings(handle, signal).catch(() => null);
      if (found && !signal?.aborted) setRecordings(found);
    },
    [handle],
  );
  useEffect(() => {
    const stop = new AbortController();
    void ask(stop.signal);
    const timer = setInterval(() => document.visibilityState === 'visible' && void ask(stop.signal), ASK_EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [ask]);
  return { recordings, ask };
}

function Row({
  handle,
  recording,
  onRemoved,
}: {
  handle: string;
  recording: InputRecording;
  onRemoved(): Promise<void>;
}) {
  const t = useTranslations('studio.encoder.record');
  const format = useFormatter();
  const when = format.dateTime(new Date(recording.startedAt), {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  const megabytes = Math.max(1, Math.round(recording.sizeBytes / MEGABYTE));
  return (
    <li className="flex items-center gap-2 py-1.5">
      <div className="min-w-0 flex-1 text-13">
        <p className="tabular truncate">{when}</p>
        <p className="tabular text-12 text-muted">
          {formatClock(Math.round(recording.duration))} · {t('size', { megabytes })} · {t(recording.state)}
        </p>
        {recording.problem && <p className="text-12 text-warn">{recording.problem}</p>}
      </div>
      {recording.mp4 && (
        <a
          href={recording.mp4}
          download
          aria-label={t('download', { when })}
          className="inline-flex size-10 items-center justify-center rounded-control text-muted hover:text-ink"
        >
          <Download aria-hidden className="size-4" strokeWidth={1.75} />
        </a>
      )}
      {(recording.state === 'ready' || recording.state === 'failed') && (
        <Remove handle={handle} id={recording.id} when={when} onRemoved={onRemoved} />
      )}
    </li>
  );
}

function Remove({
  handle,
  id,
  when,
  onRemoved,
}: {
  handle: string;
  id: string;
  when: string;
  onRemoved(): Promise<void>;
}) {
  const t = useTranslations('studio.encoder.record');
  const { busy, error, attempt } = useAttempt();
  const [asked, setAsked] = useState(false);
  const remove = () =>
    attempt(async () => {
      await calls.removeInputRecording(handle, id);
      setAsked(false);
      await onRemoved();
    });
  return (
    <>
      <IconButton size="icon-sm" label={t('remove', { when })} onClick={() => setAsked(true)}>
        <Trash2 aria-hidden className="size-4" strokeWidth={1.75} />
      </IconButton>
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={t('removeTitle')}
        consequence={t('removeConsequence', { when })}
        action={t('removeAction')}
        busy={busy}
        error={error}
        onConfirm={remove}
      />
    </>
  );
}
