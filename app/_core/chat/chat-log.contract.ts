import { beforeEach, describe, expect, test } from 'vitest';
import type { ChatLog, NewChatMessage } from './chat-log.ts';

let made = 0;
function line(channelId: string, over: Partial<NewChatMessage> = {}): NewChatMessage {
  made += 1;
  return {
    id: `msg_${channelId}_${made}_${Math.random().toString(36).slice(2)}`,
    channelId,
    clientId: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    author: { id: 'gst_ann', name: 'Ann', role: 'guest' },
    text: `line ${made}`,
    replyTo: null,
    atMs: 1_700_000_000_000 + made,
    ...over,
  };
}

/** What every chat log does. `freshChannel` gives the id of a channel in which nothing was said. */
export function describeChatLogContract(
  name: string,
  makeLog: () => Promise<ChatLog>,
  freshChannel: () => string,
): void {
  describe(`${name} keeps the chat log contract`, () => {
    let log: ChatLog;
    let channel: string;
    beforeEach(async () => {
      log = await makeLog();
      channel = freshChannel();
    });

    test('a channel in which nothing was said has head 0 and no lines', async () => {
      expect(await log.head(channel)).toBe(0);
      expect(await log.last(channel, 50)).toEqual([]);
      expect(await log.range(channel, 1, 200)).toEqual([]);
    });

    test('lines get places 1, 2, 3 and come back as they were said', async () => {
      const first = line(channel, { text: 'Grüße 👋 <b>', replyTo: null });
      const second = line(channel, { replyTo: 1, author: { id: 'usr_b', name: 'Bo', role: 'host' } });
      expect((await log.append(first)).message.seq).toBe(1);
      expect((await log.append(second)).message.seq).toBe(2);
      const { channelId: _1, ...told } = first;
      const { channelId: _2, ...answered } = second;
      expect(await log.last(channel, 10)).toEqual([
        { ...told, seq: 1, state: 'visible' },
        { ...answered, seq: 2, state: 'visible' },
      ]);
      expect(await log.head(channel)).toBe(2);
    });

    test('the same client id of the same author is stored once and keeps its place', async () => {
      const said = line(channel);
      const first = await log.append(said);
      await log.append(line(channel));
      const again = await log.append({ ...said, id: `${said.id}x`, text: 'other words' });
      expect(first.isNew).toBe(true);
      expect(again.isNew).toBe(false);
      expect(again.message).toEqual(first.message);
      expect(await log.head(channel)).toBe(2);
    });

    test('the same client id of another author, or in another channel, is another line', async () => {
      const said = line(channel);
      const elsewhere = freshChannel();
      await log.append(said);
      const other = await log.append({ ...said, id: `${said.id}y`, author: { ...said.author, id: 'gst_bob' } });
      const moved = await log.append({ ...said, id: `${said.id}z`, channelId: elsewhere });
      expect(other.message.seq).toBe(2);
      expect(moved.message.seq).toBe(1);
    });

    test('forty writers at once get forty places without a hole', async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => log.append(line(channel))));
      const places = answers.map((answer) => answer.message.seq).sort((a, b) => a - b);
      expect(places).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
      expect((await log.range(channel, 1, 200)).map((message) => message.seq)).toEqual(places);
    });

    test('ten retries of one line at once are one line, and leave no hole', async () => {
      const said = line(channel);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) => log.append({ ...said, id: `${said.id}-${i}` })),
      );
      expect(new Set(answers.map((answer) => answer.message.seq))).toEqual(new Set([1]));
      expect(answers.filter((answer) => answer.isNew)).toHaveLength(1);
      expect((await log.append(line(channel))).message.seq).toBe(2);
    });

    test('a range has both its ends, and last has the newest in the order they were said', async () => {
      for (let i = 0; i < 8; i += 1) await log.append(line(channel));
      expect((await log.range(channel, 3, 5)).map((message) => message.seq)).toEqual([3, 4, 5]);
      expect((await log.range(channel, 7, 99)).map((message) => message.seq)).toEqual([7, 8]);
      expect((await log.last(channel, 3)).map((message) => message.seq)).toEqual([6, 7, 8]);
    });
  });
}
