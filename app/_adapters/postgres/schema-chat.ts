import { integer, pgTable, primaryKey, text, timestamp, unique } from 'drizzle-orm/pg-core';

/** The newest place of each channel's chat; its row lock gives places in the order of commits. */
export const channelChat = pgTable('channel_chat', {
  channelId: text('channel_id').primaryKey(),
  head: integer('head').notNull(),
});

/** Lines of chat. See migrations/0100_chat.sql. */
export const chatMessage = pgTable(
  'chat_message',
  {
    channelId: text('channel_id').notNull(),
    seq: integer('seq').notNull(),
    id: text('id').notNull().unique(),
    clientId: text('client_id').notNull(),
    authorId: text('author_id').notNull(),
    authorName: text('author_name').notNull(),
    authorRole: text('author_role', { enum: ['guest', 'viewer', 'moderator', 'host'] }).notNull(),
    text: text('text').notNull(),
    replyTo: integer('reply_to'),
    state: text('state', { enum: ['visible', 'removed'] })
      .notNull()
      .default('visible'),
    at: timestamp('at', { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.seq] }),
    unique('chat_message_once').on(table.channelId, table.authorId, table.clientId),
  ],
);
