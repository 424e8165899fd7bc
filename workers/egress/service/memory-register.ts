import { type EgressRegister, HOLD_MS, HOPE_MS, type RegisteredEgress } from './register.ts';

/** Twin of the Redis register: one store; `open` gives each worker its own door to it. */
export function createMemoryRegisters(now: () => number): { open(workerId: string): EgressRegister } {
  const records = new Map<string, RegisteredEgress & { holder: string; until: number; hopeUntil: number }>();
  const holderOf = (egressId: string) => {
    const found = records.get(egressId);
    return found && found.until > now() ? found.holder : null;
  };
  return {
    open: (workerId) => ({
      async hold({ info, estate }) {
        const holder = holderOf(info.egressId);
        if (holder !== null && holder !== workerId) return 'refused';
        const known = records.has(info.egressId);
        const times = { until: now() + HOLD_MS, hopeUntil: now() + HOPE_MS };
        records.set(info.egressId, { info: info.clone(), estate, holder: workerId, ...times });
        return known ? 'kept' : 'made';
      },
      async drop(egressId) {
        const holder = holderOf(egressId);
        if (holder === null || holder === workerId) records.delete(egressId);
      },
      async list() {
        return [...records.values()].map(({ info, estate, hopeUntil }) => ({
          info: info.clone(),
          estate,
          holder: holderOf(info.egressId),
          hoped: hopeUntil > now(),
        }));
      },
      async claim(egressId, holder) {
        const found = records.get(egressId);
        if (!found || holderOf(egressId) !== holder) return false;
        records.set(egressId, { ...found, holder: workerId, until: now() + HOLD_MS });
        return true;
      },
      close: () => undefined,
    }),
  };
}
