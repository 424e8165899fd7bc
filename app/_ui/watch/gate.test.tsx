import { readFileSync } from 'node:fs';
import { NextIntlClientProvider } from 'next-intl';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { Lock } from '#core/broadcast/let-in';
import { LOCALES, type Locale } from '../i18n/locales.ts';
import { Gate } from './gate.tsx';
import type { GateProblem } from './unlock.ts';
import type { GateState } from './use-unlock.ts';

const channel = { id: 'ch_1', handle: 'ann', name: 'Ann' };
const nothing = () => undefined;

/** The words of the gate, without its markup; every message that is missing is an error. */
function wordsOf(locale: Locale, lock: Lock, state: Exclude<GateState, { kind: 'in' }>): string {
  const read = (domain: string) => JSON.parse(readFileSync(`app/_ui/messages/${locale}/${domain}.json`, 'utf8'));
  const fail = (error: Error) => {
    throw error;
  };
  const html = renderToString(
    <NextIntlClientProvider
      locale={locale}
      messages={{ common: read('common'), watch: read('watch') } as never}
      timeZone="UTC"
      onError={fail}
    >
      <Gate lock={lock} channel={channel} state={state} onSubmit={nothing} onRetry={nothing} />
    </NextIntlClientProvider>,
  );
  return html.replace(/<[^>]*>/g, ' ');
}

const PROBLEMS: GateProblem[] = [
  { kind: 'wrong-password' },
  { kind: 'ticket-unknown' },
  { kind: 'ticket-taken' },
  { kind: 'ticket-revoked' },
  { kind: 'pass-ended' },
  { kind: 'sent-away' },
  { kind: 'gone' },
  { kind: 'locked-out', untilMs: Date.now() + 240_000 },
  { kind: 'trouble', error: new Error('offline') },
];

test.each(LOCALES)('in %s each refusal is said in words of its own, and whose show it is', (locale) => {
  for (const lock of ['password', 'ticket'] as const) {
    const asked = wordsOf(locale, lock, { kind: 'asking', problem: null, isBusy: false });
    expect(asked).toContain('Ann');
    const said = PROBLEMS.map((problem) => wordsOf(locale, lock, { kind: 'asking', problem, isBusy: false }));
    expect(new Set([asked, ...said]).size).toBe(PROBLEMS.length + 1);
    expect(wordsOf(locale, lock, { kind: 'looking' })).not.toBe(asked);
  }
});

test('whoever is locked out is told for how long', () => {
  const problem = { kind: 'locked-out' as const, untilMs: Date.now() + 240_000 };
  expect(wordsOf('en', 'password', { kind: 'asking', problem, isBusy: false })).toContain('in 4 minutes');
});
