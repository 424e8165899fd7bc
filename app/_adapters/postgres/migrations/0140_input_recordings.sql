-- What encoders sent, recorded as it came: one row a recording, its media under inputs/{id}/ in storage.
create table input_recordings (
  id text primary key,
  channel_id text not null references channels (id) on delete cascade,
  state text not null check (state in ('recording', 'processing', 'ready', 'failed')),
  protocol text not null,
  encoder text not null,
  started_at timestamptz not null,
  duration_ms bigint not null,
  size_bytes bigint not null,
  samples jsonb not null,
  lost_ms bigint not null,
  left_out text[] not null,
  recovered boolean not null default false,
  heard_at timestamptz not null
);
create index input_recordings_channel on input_recordings (channel_id, started_at desc);
create index input_recordings_open on input_recordings (state) where state in ('recording', 'processing');
