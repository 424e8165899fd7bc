import { SIGNAL_CAUSES, type SignalNote } from '#core/ingest/signal-health';

/** The messages of `studio.signal`. */
export type SignalWords = {
  say(key: string, values?: Record<string, string | number>): string;
  knows(key: string): boolean;
};

/** A remark on the signal in the reader's language; one that this studio does not know yet is said as the server says it. */
export function signalNoteWords({ say, knows }: SignalWords, { id, sentence, values = {} }: SignalNote): string {
  const key = `note.${id}`;
  if (!knows(key)) return sentence;
  const cause = SIGNAL_CAUSES.find((one) => one === values.cause);
  return say(key, { ...values, ...(cause && { cause: say(`cause.${cause}`), mend: say(`mend.${cause}`) }) });
}
