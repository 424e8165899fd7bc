const MASK = '***';
/**
 * Tokens in queries, bearer headers, bare JWTs, and what stands behind the host of a destination (its stream key): LiveKit and FFmpeg print
 * them.
 */
const PATTERNS = [
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /(?<=[?&](?:access_token|token|secret|key)=)[^&\s"']+/g,
  /(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{12,}/g,
  /(?<=\b(?:rtmps?|srt):\/\/[^\s"'\\/?]+[/?])[^\s"'\\,]+/g,
];

/**
 * @param secrets of this install
 * @returns a function that takes a process's output and gives it back without them; whole lines only, so that nothing slips
 *   through between two pieces
 */
export function redactor(secrets: string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= 8).sort((a, b) => b.length - a.length);
  const exact = known.length > 0 ? new RegExp(known.map(quote).join('|'), 'g') : null;
  return (text) => {
    const without = exact ? text.replace(exact, MASK) : text;
    return PATTERNS.reduce((left, pattern) => left.replace(pattern, MASK), without);
  };
}

/** Gives whole lines to `take`, and at most 64 kB at once of a line that never ends. */
export function byLine(take: (text: string) => void): { push(chunk: string): void; end(): void } {
  let rest = '';
  return {
    push(chunk) {
      rest += chunk;
      const cut = rest.length > 65_536 ? rest.length : rest.lastIndexOf('\n') + 1;
      if (cut === 0) return;
      take(rest.slice(0, cut));
      rest = rest.slice(cut);
    },
    end() {
      if (rest) take(`${rest}\n`);
      rest = '';
    },
  };
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
