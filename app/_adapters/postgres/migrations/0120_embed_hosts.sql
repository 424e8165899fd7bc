-- Hosts whose pages may show the channel's player in a frame; null = all.
alter table channels add column embed_hosts text[];
