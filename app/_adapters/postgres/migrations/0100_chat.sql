-- A channel's chat: lines with a place that has no holes, and the newest place.
CREATE TABLE IF NOT EXISTS channel_chat (
  channel_id text PRIMARY KEY,
  head integer NOT NULL CHECK (head >= 1)
);

CREATE TABLE IF NOT EXISTS chat_message (
  channel_id text NOT NULL,
  seq integer NOT NULL,
  id text NOT NULL UNIQUE,
  client_id text NOT NULL,
  author_id text NOT NULL,
  author_name text NOT NULL,
  author_role text NOT NULL CHECK (author_role IN ('guest', 'viewer', 'moderator', 'host')),
  text text NOT NULL,
  reply_to integer,
  state text NOT NULL DEFAULT 'visible' CHECK (state IN ('visible', 'removed')),
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (channel_id, seq),
  CONSTRAINT chat_message_once UNIQUE (channel_id, author_id, client_id)
);
