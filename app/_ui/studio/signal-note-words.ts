import type { IngestNote } from '#core/ingest/ingest-note';
import { SIGNAL_CAUSES, type SignalNote } from '#core/ingest/signal-health';

/** The messages of `studio.signal`. */
export type SignalWords = {
  say(key: string, values?: Record<string, string | number>): string;
  knows(key: string): boolean;
};

/** A remark on the signal in the reader's language; one that this studio does not know yet is said as the server says it. */
export function signalNoteWords(words: SignalWords, note: SignalNote): string {
  return wordsOf(words, `note.${note.id}`, note.values) ?? note.sentence;
}

/** How the encoder's connection is, likewise. */
export function ingestWords(words: SignalWords, { sentence, note }: { sentence: string; note?: IngestNote }): string {
  return (note && wordsOf(words, `state.${note.id}`, note.values)) ?? sentence;
}

function wordsOf({ say, knows }: SignalWords, key: string, values: SignalNote['values'] = {}): string | null {
  if (!knows(key)) return null;
  const cause = SIGNAL_CAUSES.find((one) => one === values.cause);
  return say(key, { ...values, ...(cause && { cause: say(`cause.${cause}`), mend: say(`mend.${cause}`) }) });
}
