import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChatMessage } from '#realtime/contract';
import { gapOf, MAX_LINES, NO_LINES, noteHead, restartLines, takeMessages } from './chat-lines.ts';

function message(seq: number, over: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id: `msg_${seq}`,
    seq,
    clientId: `c${seq}`,
    author: { id: 'gst_a', name: 'Ann', role: 'guest' },
    text: `line ${seq}`,
    replyTo: null,
    state: 'visible',
    atMs: seq,
    ...over,
  };
}
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
const places = (lines: readonly ChatMessage[]) => lines.map((line) => line.seq);

test('a batch that is missed shows as a gap and nothing after it is shown before it is filled', () => {
  let chat = restartLines(NO_LINES, run(5, 7), 7);
  chat = takeMessages(chat, run(10, 11));
  expect(places(chat.lines)).toEqual([5, 6, 7]);
  expect(gapOf(chat)).toEqual({ fromSeq: 8, toSeq: 9 });
  chat = takeMessages(chat, run(8, 9));
  expect(places(chat.lines)).toEqual([5, 6, 7, 8, 9, 10, 11]);
  expect(gapOf(chat)).toBeNull();
});

test('the heartbeat shows that the last message was missed', () => {
  const chat = noteHead(restartLines(NO_LINES, run(1, 3), 3), 4);
  expect(gapOf(chat)).toEqual({ fromSeq: 4, toSeq: 4 });
});

test('a join in an empty channel has no gap, and the first message follows', () => {
  const chat = restartLines(NO_LINES, [], 0);
  expect(gapOf(chat)).toBeNull();
  expect(places(takeMessages(chat, [message(1)]).lines)).toEqual([1]);
});

test('a message that was removed later is replaced in its place', () => {
  const chat = restartLines(NO_LINES, run(1, 3), 3);
  const after = takeMessages(chat, [message(2, { state: 'removed', text: '' })]);
  expect(after.lines[1]).toMatchObject({ seq: 2, state: 'removed', text: '' });
});

test('a wide gap is asked for in ranges of 200', () => {
  expect(gapOf(noteHead(restartLines(NO_LINES, run(1, 1), 1), 1000))).toEqual({ fromSeq: 2, toSeq: 201 });
});

test('the page keeps the newest 500 lines', () => {
  const chat = takeMessages(restartLines(NO_LINES, run(1, 50), 50), run(51, 900));
  expect(chat.lines).toHaveLength(MAX_LINES);
  expect(chat.lines.at(-1)?.seq).toBe(900);
});

test('whatever the order, repeats and losses, the lines have no hole and no double, and repair brings all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }), { maxLength: 20 }),
      (head, batches) => {
        let chat = restartLines(NO_LINES, [], 0);
        for (const batch of batches) {
          chat = takeMessages(
            chat,
            batch.filter((seq) => seq <= head).map((seq) => message(seq)),
          );
          expect(places(chat.lines)).toEqual(Array.from({ length: chat.lastSeq }, (_, i) => i + 1));
        }
        chat = noteHead(chat, head);
        for (let gap = gapOf(chat); gap; gap = gapOf(chat)) chat = takeMessages(chat, run(gap.fromSeq, gap.toSeq));
        expect(places(chat.lines)).toEqual(Array.from({ length: head }, (_, i) => i + 1));
      },
    ),
  );
});
