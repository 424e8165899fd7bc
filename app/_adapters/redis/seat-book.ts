import type { Redis } from 'ioredis';
import { z } from 'zod';
import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import { SEAT_LEASE_MS, SEAT_RANKS, SEATS_LINGER_MS, type Seat, type SeatBook } from '#core/viewer/seat-book';

const WANTED_MS = SEAT_LEASE_MS + SEATS_LINGER_MS;
/** All of it goes by itself when nobody takes a seat any more. */
const KEEP_MS = 10 * WANTED_MS;

/** Seats whose lease is over, out of both places. Clocks of processes agree to seconds. */
const SWEEP = `
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
`;
/** KEYS: ends (id by end of its lease), facts (id → JSON), wanted (broadcast by end); ARGV: now, end of lease, end of want, … */
const TAKE = `${SWEEP}
local budget, rank = tonumber(ARGV[4]), tonumber(ARGV[5])
local seat = cjson.decode(ARGV[6])
local out = false
if budget <= 0 then return { 0, 0, false } end
if redis.call('ZCARD', KEYS[1]) >= budget then
  local all, weakest, at = redis.call('HGETALL', KEYS[2]), nil, nil
  for i = 2, #all, 2 do
    local one = cjson.decode(all[i])
    if not weakest or one.weight < weakest.weight or (one.weight == weakest.weight and one.takenAt > weakest.takenAt) then
      weakest, at = one, all[i]
    end
  end
  if not weakest or weakest.weight >= rank then return { 0, 0, false } end
  redis.call('ZREM', KEYS[1], weakest.id)
  redis.call('HDEL', KEYS[2], weakest.id)
  out = at
end
local until_ = redis.call('ZSCORE', KEYS[3], seat.broadcastId)
local first = (not until_ or tonumber(until_) <= tonumber(ARGV[1])) and 1 or 0
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], seat.id)
redis.call('HSET', KEYS[2], seat.id, ARGV[6])
redis.call('ZADD', KEYS[3], ARGV[3], seat.broadcastId)
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ${KEEP_MS}) end
return { 1, first, out }
`;
/** … ARGV: broadcast, id, and 'renew' or 'leave'. */
const CHANGE = `${SWEEP}
local text = redis.call('HGET', KEYS[2], ARGV[5])
if not text or cjson.decode(text).broadcastId ~= ARGV[4] then return false end
if ARGV[6] == 'leave' then
  redis.call('ZREM', KEYS[1], ARGV[5])
  redis.call('HDEL', KEYS[2], ARGV[5])
else
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[5])
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[4])
  for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ${KEEP_MS}) end
end
return text
`;
const LIST = `${SWEEP}
return redis.call('HVALS', KEYS[2])
`;

const SeatText = z.object({
  id: z.string(),
  broadcastId: z.string(),
  rank: z.enum(SEAT_RANKS),
  viewer: z.string().nullable(),
});
const readSeat = (text: unknown): Seat => SeatText.parse(JSON.parse(String(text)));

/**
 * The seats of an install in three keys: a few hundred at most, changed by scripts so that two who take the last one at once do not both get it.
 * @param prefix of the keys; tests have their own
 */
export function createRedisSeatBook(redis: Redis, clock: Clock, prefix = '{seats}'): SeatBook {
  const keys = [`${prefix}:ends`, `${prefix}:facts`, `${prefix}:wanted`] as const;
  const run = async (script: string, ...more: (string | number)[]): Promise<unknown> => {
    const now = clock.now().getTime();
    try {
      return await redis.eval(script, keys.length, ...keys, now, now + SEAT_LEASE_MS, now + WANTED_MS, ...more);
    } catch (cause) {
      throw new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', cause });
    }
  };
  const change = async (broadcastId: string, id: string, what: 'renew' | 'leave') => {
    const text = await run(CHANGE, broadcastId, id, what);
    return text === null ? null : readSeat(text);
  };
  return {
    async take(seat, budget) {
      const weight = SEAT_RANKS.indexOf(seat.rank);
      const text = JSON.stringify({ ...seat, weight, takenAt: clock.now().getTime() });
      const [taken, first, displaced] = (await run(TAKE, budget, weight, text)) as [number, number, string | null];
      if (taken !== 1) return { taken: false };
      return { taken: true, first: first === 1, displaced: displaced === null ? null : readSeat(displaced) };
    },
    renew: (broadcastId, id) => change(broadcastId, id, 'renew'),
    leave: (broadcastId, id) => change(broadcastId, id, 'leave'),
    async list(broadcastId) {
      const all = (await run(LIST)) as string[];
      return all.map(readSeat).filter((seat) => seat.broadcastId === broadcastId);
    },
    async isWanted(broadcastId) {
      const [score] = (await run("return { redis.call('ZSCORE', KEYS[3], ARGV[4]) }", broadcastId)) as (
        | string
        | null
      )[];
      return score !== null && score !== undefined && Number(score) > clock.now().getTime();
    },
  };
}
