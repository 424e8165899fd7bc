import { createTranslator } from 'next-intl';
import { expect, test } from 'vitest';
import { SIGNAL_CAUSES } from '#core/ingest/signal-health';
import { RULES } from '../../../workers/ingest/supervise/advice.ts';
import { LOCALES } from '../i18n/locales.ts';
import { readMessages } from '../messages/testing/read-messages.ts';
import { type SignalWords, signalNoteWords } from './signal-note-words.ts';

function wordsIn(locale: (typeof LOCALES)[number]): SignalWords {
  const t = createTranslator({
    locale,
    messages: readMessages(locale, 'studio') as never,
    namespace: 'signal' as never,
  });
  return { say: (key, values) => t(key as never, values as never), knows: (key) => t.has(key as never) };
}
const note = (id: string, values: Record<string, string | number> = {}) => ({
  id,
  level: 'bad' as const,
  sentence: 'As the server says it.',
  values,
});

test.each(LOCALES)('every remark of the ingest worker, and every cause, has words in %s', (locale) => {
  const words = wordsIn(locale);
  expect(RULES.map(({ id }) => id).filter((id) => !words.knows(`note.${id}`))).toEqual([]);
  const causes = SIGNAL_CAUSES.flatMap((cause) => [`cause.${cause}`, `mend.${cause}`]);
  expect(causes.filter((key) => !words.knows(key))).toEqual([]);
});

test('a German studio speaks German, with the figures in it', () => {
  const words = wordsIn('de');
  expect(signalNoteWords(words, note('network-too-slow', { rate: 3.1, lower: 2.2 }))).toContain(
    'trägt keine 3,1 Mbit/s. Senken Sie die Bitrate auf etwa 2,2 Mbit/s',
  );
  expect(signalNoteWords(words, note('transcoded', { cause: 'b-frames', codec: 'H.264' }))).toBe(
    'Das Bild wird hier neu kodiert, was Rechenleistung kostet: es hat B-Frames. Stellen Sie B-Frames auf 0 (in OBS: Tune zerolatency oder Profil baseline).',
  );
});

test('a remark that the studio does not know yet is said as the server says it', () => {
  expect(signalNoteWords(wordsIn('de'), note('of-a-newer-worker'))).toBe('As the server says it.');
});
