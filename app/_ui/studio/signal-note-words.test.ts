import { createTranslator } from 'next-intl';
import { expect, test } from 'vitest';
import { INGEST_NOTES } from '#core/ingest/ingest-note';
import { SIGNAL_CAUSES } from '#core/ingest/signal-health';
import type { StreamFacts } from '../../../workers/ingest/publish/wire.ts';
import { RULES } from '../../../workers/ingest/supervise/advice.ts';
import { goneCause, said, saidOfStream } from '../../../workers/ingest/supervise/sentences.ts';
import { LOCALES } from '../i18n/locales.ts';
import { readMessages } from '../messages/testing/read-messages.ts';
import { ingestWords, type SignalWords, signalNoteWords } from './signal-note-words.ts';

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

const STREAM: StreamFacts = {
  video: {
    codec: 'H.264',
    profile: 'High',
    width: 1280,
    height: 720,
    fps: 30,
    bitrateKbps: 3_140,
    keyIntervalMs: 2_000,
  },
  audio: null,
  ...{ mode: 'transcode', reason: 'it has B-frames', advice: 'Set B-frames to 0.', lacksProcessor: false },
  ...{ encoder: 'OBS', fpsTold: 30, fpsSeen: 30, droppedPictures: 0 },
  ...{ lateTags: 0, lagMs: 4, lateMs: 20, heldUpMs: 0, cores: 0.4 },
};

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

test.each(LOCALES)('every state of an encoder has words in %s, with its figures and causes', (locale) => {
  const words = wordsIn(locale);
  expect(INGEST_NOTES.filter((id) => !words.knows(`state.${id}`))).toEqual([]);
  const { note, sentence } = saidOfStream('OBS', STREAM, true);
  const told = ingestWords(words, { sentence, note });
  expect(told).toContain(locale === 'de' ? '3,1 Mbit/s' : '3.1 Mbit/s');
  expect(told).toContain(words.say('mend.b-frames'));
  expect(ingestWords(words, said('gone', '', { cause: goneCause('connection lost (ECONNRESET)'), seconds: 20 }))).toBe(
    locale === 'de'
      ? 'Die Verbindung zum Encoder ist abgerissen; sein Platz bleibt 20 s frei.'
      : 'The connection to the encoder was lost; its place is kept for 20 s.',
  );
});

test('a state that this studio does not know is said as the server says it', () => {
  expect(ingestWords(wordsIn('de'), { sentence: 'As it is.', note: { id: 'of-a-newer-worker' } })).toBe('As it is.');
  expect(ingestWords(wordsIn('de'), { sentence: 'As it is.' })).toBe('As it is.');
});

test('a remark that the studio does not know yet is said as the server says it', () => {
  expect(signalNoteWords(wordsIn('de'), note('of-a-newer-worker'))).toBe('As the server says it.');
});
