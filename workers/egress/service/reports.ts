import { Empty } from '@bufbuild/protobuf';
import { EgressInfo } from '@livekit/protocol';
import { createNewestSender } from '#bus/newest-sender';
import type { Bus } from '#bus/open-bus';
import { MessageWriter } from '#bus/protobuf-fields';
import { RpcError } from '#bus/rpc-error';
import type { ServiceLog } from '#bus/service-log';
import { toEgressInfo } from './egress-info.ts';
import { type EgressState, isFinal } from './egress-state.ts';

export type EgressReports = {
  /**
   * Makes LiveKit's record. Resolves when it exists; when the bus does not answer in time it resolves too, and the record is made
   * before the first update instead.
   */
  create(state: EgressState, timeoutMs: number): Promise<void>;
  /** The record exists already: another worker made it. */
  adopt(state: EgressState): void;
  /** Sends the newest state, with back-off while the bus is away. `minor` changes (retry counters) wait up to a minute. */
  update(state: EgressState, weight?: 'minor'): void;
  /** Resolves when nothing waits. */
  settled(): Promise<void>;
  close(): void;
};

type Options = {
  bus: Pick<Bus, 'call'>;
  log: ServiceLog;
  firstBackOffMs?: number;
  /** Longest wait of a minor change: a webhook follows each update. */
  minorDelayMs?: number;
};

const BUS_TIMEOUT_MS = 3_000;

const ioInfo = (method: string) => ({ service: 'IOInfo', method, topic: '', timeoutMs: BUS_TIMEOUT_MS });

/**
 * Tells LiveKit what an egress does: the record first, then changes, the final one once with `ended_at`. LiveKit answers ListEgress
 * from it and sends the webhooks.
 */
export function createEgressReports({ bus, log, firstBackOffMs, minorDelayMs = 60_000 }: Options): EgressReports {
  let first: EgressInfo | null = null;
  let created = false;
  let minorTimer: NodeJS.Timeout | null = null;

  async function createOnce(timeoutMs: number): Promise<void> {
    if (created || !first) return;
    await bus.call({ ...ioInfo('CreateEgress'), request: first, response: Empty, timeoutMs });
    created = true;
  }

  /** Whether LiveKit has stored this end already: a final status sent twice would fire `egress_ended` twice. */
  async function isStored(info: EgressInfo): Promise<boolean> {
    const request = { toBinary: () => new MessageWriter().text(1, info.egressId).finish() };
    const stored = await bus.call({ ...ioInfo('GetEgress'), request, response: EgressInfo });
    return stored.status === info.status && stored.endedAt === info.endedAt;
  }

  /** Set when an update may have arrived although no answer came. */
  let doubtful: EgressInfo | null = null;

  const sender = createNewestSender<EgressInfo>({
    async send(info) {
      await createOnce(BUS_TIMEOUT_MS);
      if (doubtful === info && isFinal(info.status) && (await isStored(info))) return;
      doubtful = null;
      try {
        await bus.call({ ...ioInfo('UpdateEgress'), request: info, response: Empty });
      } catch (error) {
        if (error instanceof RpcError && error.code !== 'unavailable') doubtful = info;
        throw error;
      }
    },
    onFailure(error, attempt) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ egressId: first?.egressId, attempt, reason }, 'an egress report was not taken, it is kept');
    },
    firstBackOffMs,
  });

  function sendNow(state: EgressState): void {
    if (minorTimer) clearTimeout(minorTimer);
    minorTimer = null;
    sender.offer(toEgressInfo(state));
  }

  let newest: EgressState | null = null;
  let sentFinal = false;

  return {
    async create(state, timeoutMs) {
      first = toEgressInfo(state);
      try {
        await createOnce(timeoutMs);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ egressId: state.egressId, reason }, 'LiveKit did not record an egress yet');
      }
    },
    adopt(state) {
      first = toEgressInfo(state);
      created = true;
    },
    update(state, weight) {
      if (sentFinal) return;
      newest = state;
      sentFinal = isFinal(state.status);
      if (weight !== 'minor') return sendNow(state);
      minorTimer ??= setTimeout(() => newest && sendNow(newest), minorDelayMs);
    },
    settled: () => sender.settled(),
    close() {
      if (minorTimer) clearTimeout(minorTimer);
      sender.close();
    },
  };
}
