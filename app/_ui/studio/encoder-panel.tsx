'use client';

import { useFormatter, useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { cn } from '../cn.ts';
import { Button } from '../primitives/button.tsx';
import { Confirm } from '../primitives/confirm.tsx';
import { CopyField } from '../primitives/copy-field.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { Switch } from '../primitives/switch.tsx';
import { Tabs } from '../primitives/tabs.tsx';
import { useAttempt } from '../use-attempt.ts';
import { useNow } from '../use-clock.ts';
import { calls, type Ingest, type IngestState } from './calls.ts';
import { EncoderSettings } from './encoder-settings.tsx';
import { InputRecordings } from './input-recordings.tsx';
import { SecondEncoder } from './second-encoder.tsx';
import { SignalFigures } from './signal-figures.tsx';
import { ingestWords } from './signal-note-words.ts';
import { useSignalWords } from './use-signal-words.ts';

/** Address and key for OBS and others, and whether their signal arrives. */
export function EncoderPanel({
  handle,
  state,
  onState,
  autoStart,
}: {
  handle: string;
  state: IngestState | null;
  onState(state: IngestState): void;
  /** The show begins with the signal; null while it cannot be chosen. */
  autoStart: { on: boolean; busy: boolean; change(on: boolean): void } | null;
}) {
  const t = useTranslations('studio.encoder');
  const [ingest, setIngest] = useState<Ingest | null>(null);
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` asks again
  useEffect(() => {
    const stop = new AbortController();
    setFailed(false);
    calls
      .ingest(handle, stop.signal)
      .then((answer) => {
        setIngest(answer);
        if (answer.status) onState(answer.status);
      })
      .catch(() => !stop.signal.aborted && setFailed(true));
    return () => stop.abort();
  }, [handle, tries, onState]);

  if (failed && !ingest) return <ErrorState title={t('loadFailed')} onRetry={() => setTries(tries + 1)} />;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-13 text-muted">{t('intro')}</p>
      <SignalBox state={state} />
      {state?.health && <SignalFigures health={state.health} />}
      {autoStart && (
        <Switch
          label={t('autoStart')}
          checked={autoStart.on}
          disabled={autoStart.busy}
          onChange={autoStart.change}
          className="text-13!"
        />
      )}
      {ingest ? (
        <Tabs
          label={t('protocols')}
          tabs={[
            { id: 'rtmp', label: 'RTMP', panel: <Rtmp ingest={ingest} /> },
            { id: 'whip', label: 'WHIP', panel: <Whip ingest={ingest} /> },
            ...(ingest.srt ? [{ id: 'srt', label: 'SRT', panel: <Srt url={ingest.srt.url} /> }] : []),
          ]}
        />
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-10" />
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </div>
      )}
      {ingest && <SecondEncoder handle={handle} ingest={ingest} onChange={setIngest} />}
      {ingest && <InputRecordings handle={handle} ingest={ingest} onChange={setIngest} />}
      <Rotate handle={handle} disabled={!ingest} onRotated={setIngest} />
      <details className="group">
        <summary className="min-h-10 py-2 text-13 font-medium">{t('settings')}</summary>
        <EncoderSettings />
      </details>
    </div>
  );
}

function Rtmp({ ingest }: { ingest: Ingest }) {
  const t = useTranslations('studio.encoder');
  return (
    <div className="flex flex-col gap-2">
      <CopyField label={t('server')} value={ingest.rtmp.url} />
      <CopyField label={t('key')} value={ingest.rtmp.streamKey} secret />
      <p className="text-12 text-muted">{t('rtmpSteps')}</p>
      <p className="text-12 text-muted">{t('keyNote')}</p>
    </div>
  );
}

function Whip({ ingest }: { ingest: Ingest }) {
  const t = useTranslations('studio.encoder');
  return (
    <div className="flex flex-col gap-2">
      <CopyField label={t('whipUrl')} value={ingest.whip.url} />
      <CopyField label={t('bearer')} value={ingest.whip.bearerToken} secret />
      <p className="text-12 text-muted">{t('whipNote')}</p>
      <p className="text-12 text-muted">{t('keyNote')}</p>
    </div>
  );
}

function Srt({ url }: { url: string }) {
  const t = useTranslations('studio.encoder');
  return (
    <div className="flex flex-col gap-2">
      <CopyField label={t('srtUrl')} value={url} secret />
      <p className="text-12 text-muted">{t('srtNote')}</p>
      <p className="text-12 text-muted">{t('keyNote')}</p>
    </div>
  );
}

const SIGNAL_LOOK: Record<
  IngestState['state'],
  { dot: string; box: string; word: 'waiting' | 'connecting' | 'publishing' | 'failed' }
> = {
  idle: { dot: 'bg-control animate-pulse', box: 'border-line bg-raised', word: 'waiting' },
  connecting: { dot: 'bg-accent animate-pulse', box: 'border-line bg-raised', word: 'connecting' },
  publishing: { dot: 'bg-good-dot', box: 'border-good/60 bg-raised', word: 'publishing' },
  failed: { dot: 'bg-warn-dot', box: 'border-warn/60 bg-warn-fill', word: 'failed' },
};

/** "Waiting for signal", which turns green by itself. */
export function SignalBox({ state }: { state: IngestState | null }) {
  const t = useTranslations('studio.encoder');
  const format = useFormatter();
  const now = useNow(state !== null);
  const words = useSignalWords();
  const { dot, box, word } = SIGNAL_LOOK[state?.state ?? 'idle'];
  return (
    <div role="status" className={cn('flex min-h-16 items-start gap-3 rounded-panel border p-3', box)}>
      <span aria-hidden className={cn('mt-1.5 size-2.5 shrink-0 rounded-full', dot)} />
      <div className="min-w-0 text-13">
        <p className="font-semibold">{t(word)}</p>
        <p className="text-muted">{(state && ingestWords(words, state)) || t('waitingNote')}</p>
        {state && state.atMs > 0 && now > 0 && (
          <p className="tabular text-12 text-muted">
            {t('since', { when: format.relativeTime(Math.min(state.atMs, now), now) })}
          </p>
        )}
      </div>
    </div>
  );
}

function Rotate({
  handle,
  disabled,
  onRotated,
}: {
  handle: string;
  disabled: boolean;
  onRotated(ingest: Ingest): void;
}) {
  const t = useTranslations('studio.encoder');
  const { busy, error, attempt } = useAttempt();
  const [asked, setAsked] = useState(false);
  const [done, setDone] = useState(false);
  const rotate = () =>
    attempt(async () => {
      onRotated(await calls.rotateKey(handle));
      setDone(true);
      setAsked(false);
    });
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button size="sm" disabled={disabled} onClick={() => setAsked(true)}>
        {t('rotate')}
      </Button>
      <p aria-live="polite" className="text-12 text-good">
        {done && t('rotated')}
      </p>
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={t('rotateTitle')}
        consequence={t('rotateConsequence')}
        action={t('rotate')}
        busy={busy}
        error={error}
        onConfirm={rotate}
      />
    </div>
  );
}
