import type { BusWire } from './bus-wire.ts';

/** Twin of the Redis wire for tests: a switch that all members share. */
export type MemorySwitch = {
  /** A wire plugged into this switch. */
  plug(): BusWire;
  /** Cuts everyone off: publishing throws, nothing arrives. */
  cut(): void;
  mend(): void;
};

/** One in-memory bus. Delivery is asynchronous and in order, as with Redis; payloads are copied. */
export function createMemorySwitch(): MemorySwitch {
  const listeners = new Map<string, Set<(payload: Uint8Array) => void>>();
  let up = true;

  const plug = (): BusWire => {
    const own = new Set<() => void>();
    return {
      async publish(channel, payload) {
        if (!up) throw new Error('the bus is away');
        const copy = Uint8Array.from(payload);
        queueMicrotask(() => {
          for (const listener of [...(listeners.get(channel) ?? [])]) listener(copy);
        });
      },
      async subscribe(channel, listener) {
        const wrapped = (payload: Uint8Array) => listener(payload);
        const set = listeners.get(channel) ?? new Set();
        listeners.set(channel, set.add(wrapped));
        const leave = () => {
          set.delete(wrapped);
          own.delete(leave);
          if (set.size === 0 && listeners.get(channel) === set) listeners.delete(channel);
        };
        own.add(leave);
        return async () => leave();
      },
      isConnected: () => up,
      async close() {
        for (const leave of [...own]) leave();
      },
    };
  };

  return {
    plug,
    cut: () => {
      up = false;
    },
    mend: () => {
      up = true;
    },
  };
}
