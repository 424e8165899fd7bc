-- Files made of a recording after the end: state, progress, sizes. Null until the recording is closed.
alter table recordings add column files jsonb;
