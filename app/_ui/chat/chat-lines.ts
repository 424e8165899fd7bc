import type { ChatMessage } from '#realtime/contract';

/** Kept in the page; older ones are in the store. */
export const MAX_LINES = 500;
/** A range may not be wider. */
const MAX_RANGE = 200;

export type Gap = { fromSeq: number; toSeq: number };

/**
 * The channel's chat as one page has it: always a run without holes, in the order of places. Batches may come late, twice and out of
 * order (each instance sends its own); what is ahead waits aside until the gap before it is filled.
 */
export type ChatLines = {
  /** By seq, no holes inside. */
  readonly lines: readonly ChatMessage[];
  /** Newest place of `lines`; 0 for none. Kept when `lines` is empty. */
  readonly lastSeq: number;
  /** Arrived ahead of a gap. */
  readonly ahead: readonly ChatMessage[];
  /** Newest place known to exist. */
  readonly headSeq: number;
};

export const NO_LINES: ChatLines = { lines: [], lastSeq: 0, ahead: [], headSeq: 0 };

/** Starts anew with a join's history. What arrived before the answer and is newer stays. */
export function restartLines(before: ChatLines, messages: readonly ChatMessage[], headSeq: number): ChatLines {
  const first = messages[0]?.seq ?? headSeq + 1;
  const fresh: ChatLines = { lines: [], lastSeq: first - 1, ahead: [], headSeq };
  return takeMessages(takeMessages(fresh, messages), before.ahead);
}

/** Takes messages of a batch or a history answer, in any order, known ones too (a line may have been removed since). */
export function takeMessages(before: ChatLines, messages: readonly ChatMessage[]): ChatLines {
  if (messages.length === 0) return before;
  const news = new Map(messages.map((message) => [message.seq, message]));
  const known = before.lines.map((line) => news.get(line.seq) ?? line);
  const waiting = new Map(before.ahead.map((message) => [message.seq, message]));
  for (const message of messages) if (message.seq > before.lastSeq) waiting.set(message.seq, message);
  let lastSeq = before.lastSeq;
  for (let next = waiting.get(lastSeq + 1); next; next = waiting.get(lastSeq + 1)) {
    known.push(next);
    waiting.delete(next.seq);
    lastSeq = next.seq;
  }
  const ahead = [...waiting.values()].sort((a, b) => a.seq - b.seq);
  const headSeq = Math.max(before.headSeq, lastSeq, ahead.at(-1)?.seq ?? 0);
  return { lines: known.slice(-MAX_LINES), lastSeq, ahead, headSeq };
}

/** Notes the newest place, as the heartbeat tells it. */
export function noteHead(before: ChatLines, headSeq: number): ChatLines {
  return headSeq > before.headSeq ? { ...before, headSeq } : before;
}

/** The first missing range, at most 200 wide; null when nothing is missing. */
export function gapOf({ lastSeq, ahead, headSeq }: ChatLines): Gap | null {
  const fromSeq = lastSeq + 1;
  const toSeq = Math.min((ahead[0]?.seq ?? headSeq + 1) - 1, fromSeq + MAX_RANGE - 1);
  return toSeq >= fromSeq ? { fromSeq, toSeq } : null;
}
