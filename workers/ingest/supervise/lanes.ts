import type { MediaTaker, Publisher } from '../rtmp/publisher.ts';
import { chooseLane, type LaneName } from './choose-lane.ts';
import { Lane } from './lane.ts';
import type { Kept } from './sequence-headers.ts';

export type LaneEvents = {
  /** Another encoder is on air from now on; `media` is what shows it at once. */
  onChange(lane: LaneName, publisher: Publisher, media: Kept[]): void;
  /** Media of the encoder on air. */
  onTag(tag: Kept): void;
  /** The last encoder is gone. */
  onEmpty(reason: string): void;
};

/** The encoders of one ingest: a primary one and a backup, of which one is on air. */
export class Lanes {
  private readonly lanes: Record<LaneName, Lane | null> = { primary: null, backup: null };
  private changedAtMs = Number.NEGATIVE_INFINITY;
  /** Which one is on air; null when no encoder is connected. */
  onAir: LaneName | null = null;

  constructor(
    private readonly events: LaneEvents,
    private readonly now: () => number = performance.now.bind(performance),
  ) {}

  get current(): Lane | null {
    return this.onAir === null ? null : this.lanes[this.onAir];
  }

  isConnected(name: LaneName): boolean {
    return this.lanes[name] !== null;
  }

  get hasStandby(): boolean {
    return this.lanes.primary !== null && this.lanes.backup !== null;
  }

  /** ms since the encoder on air sent something; Infinity without one. */
  silentMs(name: LaneName | null = this.onAir): number {
    const lane = name === null ? null : this.lanes[name];
    return lane ? this.now() - lane.state.lastTagAtMs : Number.POSITIVE_INFINITY;
  }

  /** @param replaced what an encoder hears that had this place */
  attach(publisher: Publisher, name: LaneName, replaced: string): MediaTaker {
    const before = this.lanes[name];
    const lane = new Lane(publisher, this.now());
    this.lanes[name] = lane;
    before?.publisher.end(replaced);
    if (this.onAir === null || this.onAir === name) this.putOnAir(name);
    return {
      onTag: (type, timestampMs, body) => {
        if (this.lanes[name] !== lane) return;
        const isOnAir = this.onAir === name;
        const isKey = lane.observe(type, timestampMs, body, this.now(), !isOnAir);
        if (isOnAir) this.events.onTag({ type, timestampMs, body });
        else if (isKey) this.look();
      },
      onGone: (reason) => {
        if (this.lanes[name] !== lane) return;
        this.lanes[name] = null;
        if (this.onAir !== name) return;
        const next = this.choose();
        if (next === null) {
          this.onAir = null;
          this.events.onEmpty(reason);
        } else this.putOnAir(next);
      },
    };
  }

  /** Changes over when it is time. A primary that comes back waits for its key frame. */
  look(): void {
    const next = this.choose();
    if (next !== null && next !== this.onAir) this.putOnAir(next);
  }

  /** Ends every connection. */
  end(reason: string): void {
    const all = Object.values(this.lanes);
    this.lanes.primary = null;
    this.lanes.backup = null;
    this.onAir = null;
    for (const lane of all) lane?.publisher.end(reason);
  }

  private choose(): LaneName | null {
    const { onAir, changedAtMs } = this;
    const state = (name: LaneName) => this.lanes[name]?.state ?? null;
    const nowMs = this.now();
    return chooseLane({ nowMs, onAir, changedAtMs, primary: state('primary'), backup: state('backup') });
  }

  private putOnAir(name: LaneName): void {
    const lane = this.lanes[name];
    if (!lane) return;
    // A first encoder is no change.
    if (this.onAir !== null && this.onAir !== name) this.changedAtMs = this.now();
    this.onAir = name;
    this.events.onChange(name, lane.publisher, lane.takeForAir());
  }
}
