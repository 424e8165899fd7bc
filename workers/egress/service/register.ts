import { Empty } from '@bufbuild/protobuf';
import { type EgressInfo, EgressStatus } from '@livekit/protocol';
import type { Bus } from '#bus/open-bus';
import type { ServiceLog } from '#bus/service-log';

/**
 * Port: which worker keeps which egress, so that the egresses of a worker that died are not ACTIVE for ever in LiveKit's list. Holds
 * LiveKit's (masked) record of each, no secrets.
 */
export type EgressRegister = {
  /** Stores the record and holds it for `ttlMs`. */
  hold(info: EgressInfo, ttlMs: number): Promise<void>;
  drop(egressId: string): Promise<void>;
  /** Takes out and returns the records that nobody holds; each goes to one caller only. */
  takeOrphans(): Promise<EgressInfo[]>;
  close(): void;
};

/** A dead worker's egresses are closed after this; a live one renews five times as often. */
export const HOLD_MS = 6_000;
const RENEW_MS = 1_200;
const BUS_TIMEOUT_MS = 3_000;

/** The last state of an egress whose worker died. */
export function closeOrphan(info: EgressInfo, nowMs: number): EgressInfo {
  const closed = info.clone();
  const at = BigInt(Math.round(nowMs)) * 1_000_000n;
  closed.status = EgressStatus.EGRESS_FAILED;
  closed.error = 'the egress worker died';
  closed.errorCode = 500;
  closed.details = 'End reason: Process killed';
  closed.endedAt = at;
  closed.updatedAt = at;
  for (const stream of closed.streamResults) {
    if (stream.endedAt !== 0n) continue;
    stream.endedAt = at;
    stream.status = 2;
    stream.error ||= closed.error;
  }
  for (const segments of closed.segmentResults) segments.endedAt ||= at;
  return closed;
}

/**
 * Keeps our egresses registered and closes the records of workers that died: LiveKit then lists them as ended and sends their
 * `egress_ended`, and the app starts anew on the same feed.
 */
export function keepRegister(deps: {
  register: EgressRegister;
  bus: Pick<Bus, 'call'>;
  log: ServiceLog;
  running(): EgressInfo[];
  now?: () => number;
}): { beat(): Promise<void>; stop(): void } {
  const { register, bus, log, now = Date.now } = deps;
  let held = new Set<string>();
  let failing = false;
  let sweepFromMs = 0;
  let beating = false;

  async function closeOrphans(): Promise<void> {
    for (const info of await register.takeOrphans()) {
      const request = closeOrphan(info, now());
      try {
        await bus.call({
          service: 'IOInfo',
          method: 'UpdateEgress',
          topic: '',
          request,
          response: Empty,
          timeoutMs: BUS_TIMEOUT_MS,
        });
        log.warn({ egressId: info.egressId }, 'an egress of a worker that died was closed');
      } catch (error) {
        // Put back, nobody holding it: the next beat of any worker tries again.
        await register.hold(info, 1);
        throw error;
      }
    }
  }

  async function beat(): Promise<void> {
    if (beating) return;
    beating = true;
    try {
      const infos = deps.running();
      const ids = new Set(infos.map(({ egressId }) => egressId));
      for (const info of infos) await register.hold(info, HOLD_MS);
      for (const id of held) if (!ids.has(id)) await register.drop(id);
      held = ids;
      // After an outage everybody's records look forsaken: their workers get time to renew them.
      if (now() >= sweepFromMs) await closeOrphans();
      failing = false;
    } catch (error) {
      sweepFromMs = now() + HOLD_MS;
      if (!failing)
        log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the register is away');
      failing = true;
    } finally {
      beating = false;
    }
  }

  const timer = setInterval(() => void beat(), RENEW_MS);
  return { beat, stop: () => clearInterval(timer) };
}
