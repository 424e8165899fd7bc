import { Empty } from '@bufbuild/protobuf';
import { type EgressInfo, EgressStatus } from '@livekit/protocol';
import type { Bus } from '#bus/open-bus';
import type { ServiceLog } from '#bus/service-log';
import { type EgressRegister, type FoundEgress, HOLD_MS, type RegisteredEgress } from './register.ts';

const RENEW_MS = 800;
const BUS_TIMEOUT_MS = 3_000;

/** The last state of an egress whose worker died and that nobody could take over. */
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

export type RegisterKeeperDeps = {
  register: EgressRegister;
  bus: Pick<Bus, 'call'>;
  log: ServiceLog;
  /** What runs here, with what a successor needs. */
  running(): RegisteredEgress[];
  /** LiveKit has forgotten it. */
  reportAgain(egressId: string): void;
  /** Another worker has it: ours is ended without a word. */
  abandon(egressId: string): void;
  /** Whether this worker could go on with it: it is readable and there is room. Claimed only then. */
  canTakeOver(egress: FoundEgress): boolean;
  /** Goes on with a claimed egress under its own id. @throws when it cannot be begun: another may try */
  takeOver(egress: FoundEgress): Promise<void>;
  isKnownDead(workerId: string): boolean;
  now?: () => number;
};

/**
 * Keeps our egresses registered, takes over those of workers that died, and closes what nobody can go on with: LiveKit then lists it as
 * ended and sends its `egress_ended`, and the app starts anew on the same feed.
 */
export function keepRegister(deps: RegisterKeeperDeps): { beat(): Promise<void>; stop(): void } {
  const { register, bus, log, now = Date.now } = deps;
  let held = new Set<string>();
  let failing = false;
  let sweepFromMs = 0;
  let beating: Promise<void> | null = null;

  async function close(found: FoundEgress): Promise<void> {
    const { info } = found;
    // A report that fails leaves the claim to run out: the next beat of any worker tries again.
    if (!(await register.claim(info.egressId, found.holder))) return;
    const request = closeOrphan(info, now());
    const call = { service: 'IOInfo', method: 'UpdateEgress', topic: '', timeoutMs: BUS_TIMEOUT_MS };
    await bus.call({ ...call, request, response: Empty });
    await register.drop(info.egressId);
    log.warn({ egressId: info.egressId }, 'an egress of a worker that died was closed');
  }

  async function takeOver(found: FoundEgress): Promise<void> {
    const { egressId } = found.info;
    if (!(await register.claim(egressId, found.holder))) return;
    log.warn({ egressId, deadWorker: found.holder ?? undefined }, 'an egress of a worker that died is taken over');
    try {
      await deps.takeOver(found);
      held.add(egressId);
    } catch (error) {
      log.error({ egressId, err: error }, 'an egress could not be taken over; another worker may try');
    }
  }

  async function sweep(): Promise<void> {
    const afterOutage = now() < sweepFromMs;
    for (const found of await register.list()) {
      if (held.has(found.info.egressId)) continue;
      const dead = found.holder !== null && deps.isKnownDead(found.holder);
      // After an outage everybody's holds have run out: their workers get time to renew them.
      if (!dead && (found.holder !== null || afterOutage)) continue;
      if (deps.canTakeOver(found)) await takeOver(found);
      else if (!found.hoped) await close(found);
    }
  }

  async function renew(): Promise<void> {
    const running = deps.running();
    const ids = new Set(running.map(({ info }) => info.egressId));
    for (const egress of running) {
      const { egressId } = egress.info;
      const answer = await register.hold(egress);
      // Redis lost its memory, and with it LiveKit's record: without one nobody could stop the egress.
      if (answer === 'made' && held.has(egressId)) deps.reportAgain(egressId);
      if (answer !== 'refused') continue;
      ids.delete(egressId);
      held.delete(egressId);
      log.warn({ egressId }, 'another worker has taken this egress over');
      deps.abandon(egressId);
    }
    for (const id of held) if (!ids.has(id)) await register.drop(id);
    held = ids;
  }

  function beat(): Promise<void> {
    beating ??= beatOnce().finally(() => {
      beating = null;
    });
    return beating;
  }

  async function beatOnce(): Promise<void> {
    try {
      await renew();
      await sweep();
      failing = false;
    } catch (error) {
      sweepFromMs = now() + HOLD_MS;
      if (!failing)
        log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the register is away');
      failing = true;
    }
  }

  const timer = setInterval(() => void beat(), RENEW_MS);
  // What a predecessor left is looked for at once.
  void beat();
  return { beat, stop: () => clearInterval(timer) };
}
