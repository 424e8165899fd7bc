import type { SecondEncoder } from '../service/ports.ts';

/** Whoever publishes an ingress now: an RTMP ingest or a WHIP session. */
export type Holder = {
  /** False when its encoder is gone or silent: then a successor is a reconnect, not a take-over. */
  isAlive(): boolean;
  end(reason: string): void;
};

/** Two encoders on one key would throw each other out in turn; so the latest wins, but only once in this time, ms. */
export const TAKEOVER_EVERY_MS = 10_000;
export const TOO_SOON = 'Another encoder uses this stream key and took it over less than 10 seconds ago.';
export const IN_USE = 'Another encoder is using this stream key. Stop it first.';
export const TAKEN_OVER = 'another encoder took over';

/** One publisher an ingress, over all protocols. */
export class Occupancy {
  private readonly held = new Map<string, { holder: Holder; takenOverAtMs: number }>();

  constructor(private readonly now: () => number = performance.now.bind(performance)) {}

  /**
   * @param isSharing a second encoder of the same holder, beside the first: nobody is taken over
   * @returns null when the ingress is now `holder`'s, else why not
   */
  take(
    ingressId: string,
    holder: Holder,
    rule: { secondEncoder: SecondEncoder; isSharing?: boolean } = { secondEncoder: 'take-over' },
  ): string | null {
    const before = this.held.get(ingressId);
    const isTakeover = !rule.isSharing && (before?.holder.isAlive() ?? false);
    const at = this.now();
    if (before && isTakeover) {
      if (rule.secondEncoder === 'refuse') return IN_USE;
      if (at - before.takenOverAtMs < TAKEOVER_EVERY_MS) return TOO_SOON;
    }
    const takenOverAtMs = isTakeover ? at : (before?.takenOverAtMs ?? Number.NEGATIVE_INFINITY);
    this.held.set(ingressId, { holder, takenOverAtMs });
    if (before && before.holder !== holder) before.holder.end(TAKEN_OVER);
    return null;
  }

  release(ingressId: string, holder: Holder): void {
    if (this.held.get(ingressId)?.holder === holder) this.held.delete(ingressId);
  }
}
