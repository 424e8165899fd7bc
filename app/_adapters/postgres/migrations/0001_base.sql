-- The product's records. Sign-in tables ("user", "session", …) are made by better-auth before this file.

create table channels (
  id text primary key,
  handle text not null,
  name text not null,
  owner_id text not null,
  created_at timestamptz not null default now()
);
create unique index channels_handle on channels (handle);
create index channels_owner on channels (owner_id);

create table stream_keys (
  channel_id text primary key references channels (id) on delete cascade,
  -- HMAC of the key: how an encoder's key is found without decrypting.
  lookup bytea not null,
  -- AES-256-GCM, for the owner's eyes.
  sealed text not null,
  created_at timestamptz not null default now()
);
create unique index stream_keys_lookup on stream_keys (lookup);

create table broadcasts (
  id text primary key,
  channel_id text not null references channels (id) on delete cascade,
  title text not null,
  description text not null default '',
  visibility text not null,
  state text not null check (state in ('scheduled', 'backstage', 'live', 'interrupted', 'ending', 'ended')),
  end_reason text,
  playback_id text not null,
  latency text not null,
  auto_start boolean not null default false,
  open_on_slate boolean not null default false,
  -- Scene and program as JSON: LiveKit's room metadata is made from them and may be lost with Redis.
  scene jsonb not null,
  program jsonb not null,
  -- Raised to end all playback grants of this broadcast.
  grant_epoch integer not null default 0,
  starts_at timestamptz,
  start_requested_at timestamptz,
  started_at timestamptz,
  interrupted_at timestamptz,
  ended_at timestamptz,
  egress_id text,
  egress_attempts integer not null default 0,
  egress_retry_at timestamptz,
  problem text,
  peak_audience integer not null default 0,
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create unique index broadcasts_playback on broadcasts (playback_id);
create index broadcasts_channel on broadcasts (channel_id, state, created_at desc);
create index broadcasts_state on broadcasts (state, created_at desc);
-- A channel airs one broadcast at a time.
create unique index broadcasts_one_airing on broadcasts (channel_id)
  where start_requested_at is not null and state <> 'ended';

create table recordings (
  broadcast_id text primary key references broadcasts (id) on delete cascade,
  id text not null unique,
  state text not null check (state in ('recording', 'processing', 'ready', 'failed', 'deleted')),
  duration_ms bigint not null default 0,
  size_bytes bigint not null default 0,
  recovered boolean not null default false,
  problem text,
  updated_at timestamptz not null default now()
);

create table destinations (
  id text primary key,
  channel_id text not null references channels (id) on delete cascade,
  name text not null,
  kind text not null,
  url text not null,
  -- AES-256-GCM; empty for a destination without a key.
  sealed_key text not null,
  enabled boolean not null default true,
  -- What the last push came to; while one runs, the live feed knows better.
  last_state text not null default 'idle',
  last_error_code text,
  last_error text,
  -- Raised by each edit: a failed push is tried again.
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create index destinations_channel on destinations (channel_id, created_at);

-- Full addresses (sealed) whose push must end although no destination names them any more.
create table push_removals (
  channel_id text not null references channels (id) on delete cascade,
  lookup bytea not null,
  sealed text not null,
  created_at timestamptz not null default now(),
  primary key (channel_id, lookup)
);

create table api_keys (
  id text primary key,
  user_id text not null,
  name text not null,
  prefix text not null,
  hash bytea not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz
);
create unique index api_keys_hash on api_keys (hash);

create table sign_in_links (
  hash bytea primary key,
  user_id text not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- LiveKit's webhooks: hints (which room changed), kept 24 hours so that a repeated one is known.
create table webhook_events (
  id text primary key,
  event text not null,
  channel_id text,
  received_at timestamptz not null default now(),
  processed_at timestamptz
);
create index webhook_events_open on webhook_events (received_at) where processed_at is null;

-- Who of several control workers does a pass: taken over when its holder is silent.
create table leases (
  name text primary key,
  holder text not null,
  until timestamptz not null
);
