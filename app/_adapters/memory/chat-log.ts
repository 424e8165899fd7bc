import type { ChatLog, StoredChatMessage } from '#core/chat/chat-log';

/** Twin of the PostgreSQL chat log. */
export function createMemoryChatLog(): ChatLog {
  const channels = new Map<string, StoredChatMessage[]>();
  const linesOf = (channelId: string): StoredChatMessage[] => channels.get(channelId) ?? [];
  return {
    async append({ channelId, ...said }) {
      const lines = linesOf(channelId);
      channels.set(channelId, lines);
      const known = lines.find((line) => line.clientId === said.clientId && line.author.id === said.author.id);
      if (known) return { message: structuredClone(known), isNew: false };
      const message: StoredChatMessage = { ...structuredClone(said), seq: lines.length + 1, state: 'visible' };
      lines.push(message);
      return { message: structuredClone(message), isNew: true };
    },
    range: async (channelId, fromSeq, toSeq) =>
      structuredClone(linesOf(channelId).filter((line) => line.seq >= fromSeq && line.seq <= toSeq)),
    last: async (channelId, count) => structuredClone(count > 0 ? linesOf(channelId).slice(-count) : []),
    head: async (channelId) => linesOf(channelId).length,
  };
}
