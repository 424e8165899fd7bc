-- What a channel chooses for its encoders; a name that is missing is as usual.
alter table channels add column ingest_settings jsonb not null default '{}';
