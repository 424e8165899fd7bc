import { DeleteIngressRequest, type IngressState, UpdateIngressRequest } from '@livekit/protocol';
import type { Bus } from '#bus/open-bus';
import type { ServiceLog } from '#bus/service-log';
import { nextSession, toIngressState } from './ingress-state.ts';
import type { IngressCommandHandlers, IngressCommands } from './ports.ts';

export type IngressCommandsDeps = {
  bus: Pick<Bus, 'serve'>;
  log: ServiceLog;
  now?: () => number;
  /** Replaced in tests. */
  endedWithinMs?: number;
};

/**
 * LiveKit forgets a deleted ingress with our answer, and its `ingress_ended` with it: the end is told first. It waits 3 s for the answer; an end
 * that takes longer goes on behind it.
 */
const ENDED_WITHIN_MS = 2_000;

/** Serves LiveKit's `IngressHandler` for each live ingress. Both commands end the connection, as LiveKit's own service does. */
export function createIngressCommands(deps: IngressCommandsDeps): IngressCommands {
  const now = deps.now ?? Date.now;
  const leaves = new Set<() => Promise<void>>();

  async function end(
    ingressId: string,
    handlers: IngressCommandHandlers,
    why: 'deleted' | 'updated',
  ): Promise<IngressState> {
    const state = toIngressState(handlers.current(), nextSession(null, 'idle', now()), now());
    deps.log.info({ ingressId, why }, 'LiveKit ends an ingress');
    const ended = Promise.resolve()
      .then(() => handlers.end(why))
      .catch((error: unknown) => deps.log.error({ ingressId, err: error }, 'ending an ingress failed'));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deps.endedWithinMs ?? ENDED_WITHIN_MS);
    });
    await Promise.race([ended, late]);
    clearTimeout(timer);
    return state;
  }

  return {
    async serve(ingressId, handlers) {
      const method = (name: string) => ({ service: 'IngressHandler', method: name, topic: ingressId });
      const stops = await Promise.all([
        deps.bus.serve({
          ...method('DeleteIngress'),
          request: DeleteIngressRequest,
          handle: () => end(ingressId, handlers, 'deleted'),
        }),
        deps.bus.serve({
          ...method('UpdateIngress'),
          request: UpdateIngressRequest,
          handle: () => end(ingressId, handlers, 'updated'),
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
