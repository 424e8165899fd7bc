import type { ChatMessage } from '#realtime/contract';
import type { Interruption } from '../watch/channel-state.ts';
import type { Outbox, PendingLine } from './outbox.ts';

/** A row of the chat list. */
export type ListItem =
  | { kind: 'message'; key: string; message: ChatMessage }
  | { kind: 'interruption'; key: string; interruption: Interruption }
  | { kind: 'pending'; key: string; line: PendingLine };

/** Rows from top to bottom: messages, the notice of an absence where it happened, then what I have not sent yet. */
export function listItems(
  lines: readonly ChatMessage[],
  interruption: Interruption | null,
  outbox: Outbox,
): ListItem[] {
  const items: ListItem[] = lines.map((message) => ({ kind: 'message', key: `m${message.seq}`, message }));
  if (interruption) {
    const at = lines.findIndex((line) => line.seq > interruption.afterSeq);
    const notice: ListItem = { kind: 'interruption', key: `i${interruption.afterSeq}`, interruption };
    if (at >= 0) items.splice(at, 0, notice);
  }
  // A line keeps its key when it arrives, as far as the list is concerned it only changes its look.
  return [...items, ...outbox.map((line): ListItem => ({ kind: 'pending', key: `p${line.clientId}`, line }))];
}
