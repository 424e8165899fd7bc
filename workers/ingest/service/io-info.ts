import { Empty } from '@bufbuild/protobuf';
import { IngressInfo, type IngressState } from '@livekit/protocol';
import type { Bus } from '#bus/open-bus';
import { MessageWriter, readBytes, visitFields } from '#bus/protobuf-fields';

/** Calls of LiveKit's `IOInfo` that an ingress service makes. The `rpc.*` messages are in no package: written by field number. */
export const BUS_TIMEOUT_MS = 3_000;

function readGetIngressInfoResponse(bytes: Uint8Array): IngressInfo {
  let info: IngressInfo | null = null;
  visitFields(bytes, (f) => {
    if (f.field !== 1) return false;
    info = IngressInfo.fromBinary(readBytes(f));
    return true;
  });
  if (!info) throw new Error('the answer holds no ingress');
  return info;
}

/**
 * LiveKit's record of the ingress with this stream key.
 * @throws RpcError `not_found` when there is none, `unavailable` or `deadline_exceeded` when LiveKit could not be asked
 */
export function getIngressByKey(bus: Pick<Bus, 'call'>, streamKey: string): Promise<IngressInfo> {
  return getIngress(bus, new MessageWriter().text(2, streamKey), BUS_TIMEOUT_MS);
}

/** LiveKit's record by its id, asked for beside a look-up that succeeded already, so it may not hold it up. @throws RpcError as above */
export function getIngressById(bus: Pick<Bus, 'call'>, ingressId: string): Promise<IngressInfo> {
  return getIngress(bus, new MessageWriter().text(1, ingressId), 1_000);
}

function getIngress(bus: Pick<Bus, 'call'>, question: MessageWriter, timeoutMs: number): Promise<IngressInfo> {
  return bus.call({
    service: 'IOInfo',
    method: 'GetIngressInfo',
    topic: '',
    request: { toBinary: () => question.finish() },
    response: { fromBinary: readGetIngressInfoResponse },
    timeoutMs,
  });
}

/**
 * Stores a new ingress: a pull's record is made by the service that runs it.
 * @throws RpcError
 */
export async function createIngress(bus: Pick<Bus, 'call'>, info: IngressInfo): Promise<void> {
  await bus.call({
    service: 'IOInfo',
    method: 'CreateIngress',
    topic: '',
    request: info,
    response: Empty,
    timeoutMs: BUS_TIMEOUT_MS,
  });
}

/**
 * Stores an ingress's state; LiveKit answers ListIngress from it and sends `ingress_started` and `ingress_ended`.
 * @throws RpcError `not_found` when the ingress is gone, `failed_precondition` when LiveKit has a newer state
 */
export async function updateIngressState(bus: Pick<Bus, 'call'>, id: string, state: IngressState): Promise<void> {
  await bus.call({
    service: 'IOInfo',
    method: 'UpdateIngressState',
    topic: '',
    request: { toBinary: () => new MessageWriter().text(1, id).message(2, state.toBinary()).finish() },
    response: Empty,
    timeoutMs: BUS_TIMEOUT_MS,
  });
}
