import { and, asc, desc, eq, gte, lte } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { Pool } from 'pg';
import type { ChatLog, NewChatMessage, StoredChatMessage } from '#core/chat/chat-log';
import { AppError } from '#core/shared/app-error';
import { violatedIndex } from './database.ts';
import { channelChat, chatMessage } from './schema-chat.ts';

const COLUMNS = 'id, seq, client_id, author_id, author_name, author_role, text, reply_to, state, at';

/**
 * One statement, one round trip, one transaction. The upsert of `channel_chat` locks the channel's row until the commit,
 * so places are given in the order of commits; a statement that fails gives its place back.
 */
const APPEND = `
WITH known AS (
  SELECT ${COLUMNS} FROM chat_message WHERE channel_id = $1 AND author_id = $4 AND client_id = $3
), place AS (
  INSERT INTO channel_chat (channel_id, head) SELECT $1, 1 WHERE NOT EXISTS (SELECT 1 FROM known)
  ON CONFLICT (channel_id) DO UPDATE SET head = channel_chat.head + 1
  RETURNING head
), stored AS (
  INSERT INTO chat_message (channel_id, seq, id, client_id, author_id, author_name, author_role, text, reply_to, at)
  SELECT $1, place.head, $2, $3, $4, $5, $6, $7, $8, $9 FROM place
  RETURNING ${COLUMNS}
)
SELECT *, true AS is_new FROM stored UNION ALL SELECT *, false AS is_new FROM known`;

const FIND = `SELECT ${COLUMNS}, false AS is_new FROM chat_message
  WHERE channel_id = $1 AND author_id = $2 AND client_id = $3`;

type AppendRow = {
  id: string;
  seq: number;
  client_id: string;
  author_id: string;
  author_name: string;
  author_role: StoredChatMessage['author']['role'];
  text: string;
  reply_to: number | null;
  state: StoredChatMessage['state'];
  at: Date;
  is_new: boolean;
};

/** Chat in PostgreSQL. Throws AppError 'database-unavailable' when it cannot be reached. */
export function createPostgresChatLog(pool: Pool): ChatLog {
  const db = drizzle(pool);
  return {
    append: (message) => translate(() => append(pool, message)),
    range: (channelId, fromSeq, toSeq) =>
      translate(async () => {
        const rows = await db
          .select()
          .from(chatMessage)
          .where(and(eq(chatMessage.channelId, channelId), gte(chatMessage.seq, fromSeq), lte(chatMessage.seq, toSeq)))
          .orderBy(asc(chatMessage.seq));
        return rows.map(toMessage);
      }),
    last: (channelId, count) =>
      translate(async () => {
        const rows = await db
          .select()
          .from(chatMessage)
          .where(eq(chatMessage.channelId, channelId))
          .orderBy(desc(chatMessage.seq))
          .limit(count);
        return rows.reverse().map(toMessage);
      }),
    head: (channelId) =>
      translate(async () => {
        const rows = await db.select().from(channelChat).where(eq(channelChat.channelId, channelId));
        return rows[0]?.head ?? 0;
      }),
  };
}

async function append(pool: Pool, said: NewChatMessage): Promise<{ message: StoredChatMessage; isNew: boolean }> {
  const { author } = said;
  try {
    const stored = await pool.query<AppendRow>(APPEND, [
      said.channelId,
      said.id,
      said.clientId,
      author.id,
      author.name,
      author.role,
      said.text,
      said.replyTo,
      new Date(said.atMs),
    ]);
    return fromAppend(stored.rows[0]);
  } catch (error) {
    // Two retries of one line at once: the other one was first, and this one's place was given back.
    if (violatedIndex(error) !== 'chat_message_once') throw error;
    const known = await pool.query<AppendRow>(FIND, [said.channelId, author.id, said.clientId]);
    return fromAppend(known.rows[0]);
  }
}

function fromAppend(row: AppendRow | undefined): { message: StoredChatMessage; isNew: boolean } {
  if (!row) throw new Error('the chat log answered an append with no row');
  const message = toMessage({
    id: row.id,
    seq: row.seq,
    clientId: row.client_id,
    authorId: row.author_id,
    authorName: row.author_name,
    authorRole: row.author_role,
    text: row.text,
    replyTo: row.reply_to,
    state: row.state,
    at: row.at,
  });
  return { message, isNew: row.is_new };
}

type Row = Omit<typeof chatMessage.$inferSelect, 'channelId'>;

function toMessage(row: Row): StoredChatMessage {
  return {
    id: row.id,
    seq: row.seq,
    clientId: row.clientId,
    author: { id: row.authorId, name: row.authorName, role: row.authorRole },
    text: row.state === 'removed' ? '' : row.text,
    replyTo: row.replyTo,
    state: row.state,
    atMs: row.at.getTime(),
  };
}

async function translate<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new AppError('database-unavailable', { blame: 'operator', retry: 'with-back-off', cause });
  }
}
