import { IngressInfo, IngressInput, IngressState, IngressState_Status } from '@livekit/protocol';
import type { Bus } from '#bus/open-bus';
import { readBytes, visitFields } from '#bus/protobuf-fields';
import { RpcError } from '#bus/rpc-error';
import { targetOf } from '../service/ingress-target.ts';
import { UnsupportedIngress } from '../service/ingress-wishes.ts';
import { createIngress } from '../service/io-info.ts';
import { Pull, type PullDeps } from './pull.ts';
import { readPullUrl } from './pull-url.ts';
import { ForbiddenTarget } from './target-guard.ts';

/** Another worker with room should win; a busy one still does better than none. */
const AFFINITY_IDLE = 0.9;
const AFFINITY_BUSY = 0.3;

/** `rpc.StartIngressRequest { 1 info }`: in no package, read by field number. */
const StartIngressRequest = {
  fromBinary(bytes: Uint8Array): IngressInfo {
    let info: IngressInfo | null = null;
    visitFields(bytes, (f) => {
      if (f.field !== 1) return false;
      info = IngressInfo.fromBinary(readBytes(f));
      return true;
    });
    if (!info) throw new Error('the request holds no ingress');
    return info;
  },
};

/**
 * Serves LiveKit's `IngressInternal.StartIngress`: URL ingresses, which a service has to fetch by itself. Refused before a record is made, so
 * that the caller alone sees a wrong address.
 */
export function serveStartIngress(
  deps: PullDeps & { bus: Pick<Bus, 'call' | 'serve'>; load(): { used: number; most: number } },
): Promise<() => Promise<void>> {
  return deps.bus.serve({
    service: 'IngressInternal',
    method: 'StartIngress',
    topic: '',
    request: StartIngressRequest,
    offer() {
      const { used, most } = deps.load();
      if (used >= most) return null;
      return { affinity: used < most / 2 ? AFFINITY_IDLE : AFFINITY_BUSY };
    },
    async handle(info) {
      if (info.inputType !== IngressInput.URL_INPUT)
        throw new RpcError('invalid_argument', 'only URL ingresses are started');
      const from = readPullUrl(info.url);
      if (typeof from === 'string') throw new RpcError('invalid_argument', from);
      const target = requireTarget(info);
      try {
        await deps.guard.resolve(from.host, from.port);
      } catch (error) {
        // A name that cannot be found now may be found later; one that leads inward never may.
        if (error instanceof ForbiddenTarget) throw new RpcError('invalid_argument', error.message);
      }
      const now = BigInt(Date.now()) * 1_000_000n;
      info.state = new IngressState({
        status: IngressState_Status.ENDPOINT_BUFFERING,
        startedAt: now,
        updatedAt: now,
      });
      await createIngress(deps.bus, info);
      const begun = new Pull(target, from, deps).begin();
      if (typeof begun === 'string') throw new RpcError('resource_exhausted', begun);
      return info;
    },
  });
}

function requireTarget(info: IngressInfo) {
  try {
    return targetOf(info);
  } catch (error) {
    if (error instanceof UnsupportedIngress) throw new RpcError('invalid_argument', error.message);
    throw error;
  }
}
