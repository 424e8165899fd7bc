import { EgressInfo } from '@livekit/protocol';
import { Redis } from 'ioredis';
import type { ServiceLog } from '#bus/service-log';
import { type EgressRegister, type FoundEgress, HOLD_MS, HOPE_MS } from './register.ts';

const RECORDS = 'openair:egress:running';
const ESTATES = 'openair:egress:estates';
const holdKey = (egressId: string) => `openair:egress:hold:${egressId}`;
const hopeKey = (egressId: string) => `openair:egress:hope:${egressId}`;

/** KEYS hold, hope, records, estates. ARGV worker, hold ms, hope ms, egress id, record, estate. */
const HOLD = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
redis.call('HSET', KEYS[4], ARGV[4], ARGV[6])
return 1 + redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
`;

/** KEYS hold, hope, records, estates. ARGV worker, egress id. */
const DROP = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HDEL', KEYS[3], ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
return 1
`;

/** KEYS hold, records. ARGV worker, hold ms, the holder it is taken from ('' = nobody), egress id. */
const CLAIM = `
local holder = redis.call('GET', KEYS[1]) or ''
if holder ~= ARGV[3] or redis.call('HEXISTS', KEYS[2], ARGV[4]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/**
 * The register in Redis: a hash of records, one of sealed estates, and for each egress a key with a life span that names its worker.
 * @param workerId differs for every worker process
 */
export function openRedisRegister(redisUrl: string, workerId: string, log: ServiceLog): EgressRegister {
  const redis = new Redis(redisUrl, {
    connectionName: 'openair-egress-register',
    maxRetriesPerRequest: 0,
    commandTimeout: 3_000,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
  });
  // The bus logs outages of the same Redis; here they show as failing beats.
  redis.on('error', (error: Error) => log.warn({ reason: error.message }, 'register: redis connection failed'));

  const keys = (egressId: string) => [holdKey(egressId), hopeKey(egressId), RECORDS, ESTATES];

  function read(egressId: string, record: Buffer): EgressInfo | null {
    try {
      return EgressInfo.fromBinary(record);
    } catch (error) {
      log.warn({ egressId, err: error }, 'a record in the register could not be read and was dropped');
      return null;
    }
  }

  return {
    async hold({ info, estate }) {
      const { egressId } = info;
      const record = Buffer.from(info.toBinary());
      const args = [workerId, HOLD_MS, HOPE_MS, egressId, record, estate];
      const answer = await redis.eval(HOLD, 4, ...keys(egressId), ...args);
      return answer === 0 ? 'refused' : answer === 1 ? 'kept' : 'made';
    },
    async drop(egressId) {
      await redis.eval(DROP, 4, ...keys(egressId), workerId, egressId);
    },
    async list() {
      const found: FoundEgress[] = [];
      for (const egressId of await redis.hkeys(RECORDS)) {
        const [holder, hope] = await redis.mget(holdKey(egressId), hopeKey(egressId));
        const record = await redis.hgetBuffer(RECORDS, egressId);
        const estate = await redis.hgetBuffer(ESTATES, egressId);
        if (!record) continue;
        const info = read(egressId, record);
        if (!info) await redis.hdel(RECORDS, egressId);
        else found.push({ info, estate: estate ?? Buffer.alloc(0), holder: holder ?? null, hoped: hope != null });
      }
      return found;
    },
    async claim(egressId, holder) {
      const args = [workerId, HOLD_MS, holder ?? '', egressId];
      return (await redis.eval(CLAIM, 2, holdKey(egressId), RECORDS, ...args)) === 1;
    },
    close: () => redis.disconnect(),
  };
}
