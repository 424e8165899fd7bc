import type { EgressInfo } from '@livekit/protocol';
import type { EgressRegister } from './register.ts';

/** Twin of the Redis register: one store that all its members share. */
export function createMemoryRegister(now: () => number): EgressRegister {
  const records = new Map<string, { info: EgressInfo; until: number }>();
  return {
    async hold(info, ttlMs) {
      records.set(info.egressId, { info: info.clone(), until: now() + Math.max(1, ttlMs) });
    },
    async drop(egressId) {
      records.delete(egressId);
    },
    async takeOrphans() {
      const orphans = [...records.values()].filter(({ until }) => until <= now()).map(({ info }) => info);
      for (const { egressId } of orphans) records.delete(egressId);
      return orphans;
    },
    close: () => undefined,
  };
}
