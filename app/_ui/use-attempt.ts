import { useState } from 'react';
import { useErrorWords } from './use-error-words.ts';

/** Something asked of the server by a press: whether it is under way, and in words why it failed. `attempt` never throws. */
export function useAttempt(): {
  busy: boolean;
  error: string | null;
  attempt(ask: () => Promise<void>): Promise<void>;
} {
  const wordsOf = useErrorWords();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const attempt = async (ask: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await ask();
    } catch (failure) {
      setError(wordsOf(failure));
    }
    setBusy(false);
  };
  return { busy, error, attempt };
}
