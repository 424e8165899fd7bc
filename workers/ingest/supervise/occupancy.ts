/** Whoever publishes an ingress now: an RTMP ingest or a WHIP session. */
export type Holder = {
  /** False when its encoder is gone or silent: then a successor is a reconnect, not a take-over. */
  isAlive(): boolean;
  end(reason: string): void;
};

/** Two encoders on one key would throw each other out in turn; so the latest wins, but only once in this time, ms. */
export const TAKEOVER_EVERY_MS = 10_000;
export const TOO_SOON = 'Another encoder uses this stream key and took it over less than 10 seconds ago.';
export const TAKEN_OVER = 'another encoder took over';

/** One publisher an ingress, over all protocols. */
export class Occupancy {
  private readonly held = new Map<string, { holder: Holder; takenOverAtMs: number }>();

  constructor(private readonly now: () => number = performance.now.bind(performance)) {}

  /** @returns false when the ingress changed hands a moment ago and its holder is alive */
  take(ingressId: string, holder: Holder): boolean {
    const before = this.held.get(ingressId);
    const isTakeover = before?.holder.isAlive() ?? false;
    const at = this.now();
    if (before && isTakeover && at - before.takenOverAtMs < TAKEOVER_EVERY_MS) return false;
    const takenOverAtMs = isTakeover ? at : (before?.takenOverAtMs ?? Number.NEGATIVE_INFINITY);
    this.held.set(ingressId, { holder, takenOverAtMs });
    if (before && before.holder !== holder) before.holder.end(TAKEN_OVER);
    return true;
  }

  release(ingressId: string, holder: Holder): void {
    if (this.held.get(ingressId)?.holder === holder) this.held.delete(ingressId);
  }
}
