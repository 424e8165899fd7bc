import { EgressInfo } from '@livekit/protocol';
import { Redis } from 'ioredis';
import type { ServiceLog } from '#bus/service-log';
import type { EgressRegister } from './register.ts';

const RECORDS = 'openair:egress:running';
const holdKey = (egressId: string) => `openair:egress:hold:${egressId}`;

/** The register in Redis: a hash of records, and a key with a life span for each that is held. */
export function openRedisRegister(redisUrl: string, log: ServiceLog): EgressRegister {
  const redis = new Redis(redisUrl, {
    connectionName: 'openair-egress-register',
    maxRetriesPerRequest: 0,
    commandTimeout: 3_000,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
  });
  // The bus logs outages of the same Redis; here they show as failing beats.
  redis.on('error', (error: Error) => log.warn({ reason: error.message }, 'register: redis connection failed'));

  return {
    async hold(info, ttlMs) {
      // The life span first: a record without it is an orphan.
      await redis.set(holdKey(info.egressId), '1', 'PX', Math.max(1, Math.round(ttlMs)));
      await redis.hset(RECORDS, info.egressId, Buffer.from(info.toBinary()));
    },
    async drop(egressId) {
      await redis.hdel(RECORDS, egressId);
      await redis.del(holdKey(egressId));
    },
    async takeOrphans() {
      const orphans: EgressInfo[] = [];
      for (const egressId of await redis.hkeys(RECORDS)) {
        if ((await redis.exists(holdKey(egressId))) === 1) continue;
        const bytes = await redis.hgetBuffer(RECORDS, egressId);
        // Whoever deletes it has it: two workers that sweep at once do not both report.
        if (!bytes || (await redis.hdel(RECORDS, egressId)) !== 1) continue;
        try {
          orphans.push(EgressInfo.fromBinary(bytes));
        } catch (error) {
          log.warn({ egressId, err: error }, 'a record in the register could not be read and was dropped');
        }
      }
      return orphans;
    },
    close: () => redis.disconnect(),
  };
}
