/**
 * What the feed does in Redis, each in one step. A writer whose epoch is not the record's newest is refused (DR-7).
 * Answers: 1 done, 0 was there already, -1 another writer has taken over, -2 the record is gone (Redis was emptied).
 */
export const DONE = 1;
export const LEASE_LOST = -1;
export const RECORD_GONE = -2;

const CHECK = `
local known = tonumber(redis.call('HGET', KEYS[1], 'epoch'))
if not known then return -2 end
if known > tonumber(ARGV[1]) then return -1 end
`;

/**
 * KEYS record, lease. ARGV least epoch, lease ms, writer, egress id, prefix of leases ('' = take it from whomever). Gives the new epoch,
 * or -1 when another egress holds its lease on this feed.
 */
export const ACQUIRE = `
local owner = redis.call('HGET', KEYS[1], 'egressId')
if ARGV[5] ~= '' and owner and owner ~= ARGV[4] and redis.call('EXISTS', ARGV[5] .. owner) == 1 then return -1 end
local epoch = math.max(tonumber(redis.call('HGET', KEYS[1], 'epoch')) or 0, tonumber(ARGV[1])) + 1
redis.call('HSET', KEYS[1], 'epoch', epoch, 'writer', ARGV[3], 'egressId', ARGV[4])
redis.call('PERSIST', KEYS[1])
redis.call('SET', KEYS[2], epoch, 'PX', ARGV[2])
return epoch
`;

/** KEYS record, lease. ARGV epoch, lease ms. */
export const RENEW = `${CHECK}
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** KEYS record, stream, cursors. ARGV epoch, trim ms (0 = keep all), cursor field, cursor, then the entry's fields. A repeated cursor is not written twice. */
export const APPEND = `${CHECK}
if ARGV[4] ~= '' then
  if redis.call('HGET', KEYS[3], ARGV[3]) == ARGV[4] then return 0 end
  redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
end
if tonumber(ARGV[2]) > 0 then
  local time = redis.call('TIME')
  local oldest = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) - tonumber(ARGV[2])
  redis.call('XADD', KEYS[2], 'MINID', string.format('%.0f', oldest), '*', unpack(ARGV, 5))
else
  redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5))
end
return 1
`;

/** KEYS init hash after the record. ARGV epoch, field, bytes. */
export const PUT_INIT = `${CHECK}
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
`;

/** KEYS record. ARGV epoch, news channel ('' = say nothing), news, then field, value pairs. */
export const PUT_RECORD = `${CHECK}
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
if ARGV[2] ~= '' then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return 1
`;

/** The same without a check of the epoch being there: writes the whole record again after Redis was emptied. */
export const RESTORE_RECORD = `
local known = tonumber(redis.call('HGET', KEYS[1], 'epoch'))
if known and known > tonumber(ARGV[1]) then return -1 end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
return 1
`;

/** KEYS record, others. ARGV epoch. What a writer before left to expire is kept. */
export const KEEP_ALL = `${CHECK}
for index = 1, #KEYS do redis.call('PERSIST', KEYS[index]) end
return 1
`;

/** KEYS record, lease, others. ARGV epoch, seconds to keep. */
export const EXPIRE_ALL = `${CHECK}
redis.call('DEL', KEYS[2])
redis.call('EXPIRE', KEYS[1], ARGV[2])
for index = 3, #KEYS do redis.call('EXPIRE', KEYS[index], ARGV[2]) end
return 1
`;
