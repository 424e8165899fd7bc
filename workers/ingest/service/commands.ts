import { DeleteIngressRequest, type IngressState, UpdateIngressRequest } from '@livekit/protocol';
import type { Bus } from '#bus/open-bus';
import type { ServiceLog } from '#bus/service-log';
import { nextSession, toIngressState } from './ingress-state.ts';
import type { IngressCommandHandlers, IngressCommands } from './ports.ts';

export type IngressCommandsDeps = { bus: Pick<Bus, 'serve'>; log: ServiceLog; now?: () => number };

/**
 * Serves LiveKit's `IngressHandler` for each live ingress. Both commands end the connection, as LiveKit's own service does, and are
 * answered at once: closing goes on behind the answer.
 */
export function createIngressCommands(deps: IngressCommandsDeps): IngressCommands {
  const now = deps.now ?? Date.now;
  const leaves = new Set<() => Promise<void>>();

  function endNow(ingressId: string, handlers: IngressCommandHandlers, why: 'deleted' | 'updated'): IngressState {
    const state = toIngressState(handlers.current(), nextSession(null, 'idle', now()), now());
    deps.log.info({ ingressId, why }, 'LiveKit ends an ingress');
    Promise.resolve()
      .then(() => handlers.end(why))
      .catch((error: unknown) => deps.log.error({ ingressId, err: error }, 'ending an ingress failed'));
    return state;
  }

  return {
    async serve(ingressId, handlers) {
      const method = (name: string) => ({ service: 'IngressHandler', method: name, topic: ingressId });
      const stops = await Promise.all([
        deps.bus.serve({
          ...method('DeleteIngress'),
          request: DeleteIngressRequest,
          handle: async () => endNow(ingressId, handlers, 'deleted'),
        }),
        deps.bus.serve({
          ...method('UpdateIngress'),
          request: UpdateIngressRequest,
          handle: async () => endNow(ingressId, handlers, 'updated'),
        }),
      ]);
      const leave = async () => {
        leaves.delete(leave);
        await Promise.all(stops.map((stop) => stop()));
      };
      leaves.add(leave);
      return leave;
    },
    async close() {
      await Promise.all([...leaves].map((leave) => leave()));
    },
  };
}
