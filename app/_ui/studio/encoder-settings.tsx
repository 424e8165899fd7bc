import { useTranslations } from 'next-intl';

const ROWS = ['resolution', 'bitrate', 'keyframe', 'profile', 'audio'] as const;

/** What to set in OBS, and why. */
export function EncoderSettings() {
  const t = useTranslations('studio.encoder.table');
  return (
    <dl className="flex flex-col divide-y divide-line rounded-panel border border-line text-13">
      {ROWS.map((row) => (
        <div key={row} className="grid gap-x-4 gap-y-0.5 p-3 sm:grid-cols-[8rem_1fr]">
          <dt className="text-muted">{t(row)}</dt>
          <dd>
            <p className="font-medium">{t(`${row}Value`)}</p>
            <p className="text-12 text-muted">{t(`${row}Why`)}</p>
          </dd>
        </div>
      ))}
    </dl>
  );
}
