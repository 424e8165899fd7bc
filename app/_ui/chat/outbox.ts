import type { ChatMessage } from '#realtime/contract';

/** A line of mine that is not in the chat yet. */
export type PendingLine = {
  clientId: string;
  text: string;
  state: 'sending' | 'failed';
  /** Why it was not sent, in words. */
  problem: string | null;
  /** False when the same words would be refused again. */
  mayRetry: boolean;
};

export type Outbox = readonly PendingLine[];

export function addPending(outbox: Outbox, clientId: string, text: string): Outbox {
  return [...outbox, { clientId, text, state: 'sending', problem: null, mayRetry: true }];
}

export function markSending(outbox: Outbox, clientId: string): Outbox {
  return change(outbox, clientId, { state: 'sending', problem: null });
}

export function markFailed(outbox: Outbox, clientId: string, problem: string, mayRetry: boolean): Outbox {
  return change(outbox, clientId, { state: 'failed', problem, mayRetry });
}

export function dropPending(outbox: Outbox, clientId: string): Outbox {
  return outbox.filter((line) => line.clientId !== clientId);
}

/** Lines that have arrived in the chat are pending no more. */
export function settleArrived(outbox: Outbox, myId: string, arrived: readonly ChatMessage[]): Outbox {
  if (outbox.length === 0) return outbox;
  const mine = new Set(arrived.filter((message) => message.author.id === myId).map((message) => message.clientId));
  return outbox.some((line) => mine.has(line.clientId)) ? outbox.filter((line) => !mine.has(line.clientId)) : outbox;
}

function change(outbox: Outbox, clientId: string, to: Partial<PendingLine>): Outbox {
  return outbox.map((line) => (line.clientId === clientId ? { ...line, ...to } : line));
}
