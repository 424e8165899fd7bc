-- Hash of the password that viewers give; null where none is asked for.
alter table broadcasts add column password_hash text;

-- One-time links. Their codes are made of the id and the install's key: none is stored.
create table watch_tickets (
  id text primary key,
  broadcast_id text not null references broadcasts (id) on delete cascade,
  label text not null,
  created_at timestamptz not null,
  claimed_at timestamptz,
  -- SHA-256 of what only the browser knows that opened it first.
  holder bytea,
  revoked_at timestamptz
);
create index watch_tickets_broadcast on watch_tickets (broadcast_id, created_at, id);
