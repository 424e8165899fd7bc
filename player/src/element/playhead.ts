import type { PlayerStatus } from '../core/phase.ts';
import { type Place, placeS } from '../core/place.ts';
import type { Engine } from '../hls/engine.ts';
import type { LiveSteering } from '../hls/live-steering.ts';

/** Seconds back from the edge from which on the viewer is in the DVR window rather than at the live edge: less than one step of the arrow key. */
const DVR_AFTER_S = 4;
/** A tab that comes back and is farther from the edge than this goes there. */
const FAR_BEHIND_S = 6;

export type PlayheadSurroundings = {
  video: HTMLVideoElement;
  engine(): Engine | null;
  steering(): LiveSteering | null;
  status(): PlayerStatus;
  onFollowing(following: boolean): void;
};

/** Where in the show the viewer is: what moves it, and what finds the place again after the engine was changed under it. */
export class Playhead {
  readonly #at: PlayheadSurroundings;
  /** Where to go back to once there is something to play again. */
  #kept: Place | null = null;

  constructor(surroundings: PlayheadSurroundings) {
    this.#at = surroundings;
  }

  /** First moment that can be sought to, media seconds. */
  get startS(): number {
    const { seekable } = this.#at.video;
    return seekable.length > 0 ? seekable.start(0) : 0;
  }

  get #edgeS(): number | null {
    return this.#at.engine()?.liveEdgeS() ?? null;
  }

  get #holdBackS(): number {
    return this.#at.engine()?.holdBackS() ?? 0;
  }

  /** Seconds behind the newest part; null when not live or not known. */
  get behindS(): number | null {
    const edge = this.#edgeS;
    return edge === null ? null : Math.max(0, edge - this.#at.video.currentTime);
  }

  /** Too far from the edge to be called live. */
  get isFarBehind(): boolean {
    const { behindS } = this;
    return behindS !== null && behindS > FAR_BEHIND_S + this.#holdBackS;
  }

  /** @param toS media seconds */
  seek(toS: number): void {
    const edge = this.#edgeS;
    this.#at.onFollowing(edge !== null && edge - toS < DVR_AFTER_S + this.#holdBackS);
    this.#moveWithin(toS);
  }

  toStart(): void {
    this.#at.video.currentTime = this.startS;
  }

  /** @returns false when there is no live edge */
  toEdge(): boolean {
    const edge = this.#edgeS;
    const kept = this.#kept;
    const engine = this.#at.engine();
    // Whoever asks for the edge does not want the old place back, also when it is not returned to yet.
    if (edge !== null || !engine || this.#at.status().live) this.#kept = null;
    if (edge === null) {
      // Still loading, it begins at the edge by itself.
      const isOnTheWay = engine !== null && kept !== null && this.#kept === null;
      if (isOnTheWay) this.#at.onFollowing(true);
      return isOnTheWay;
    }
    this.#move(edge - Math.max(1, this.#holdBackS));
    this.#at.onFollowing(true);
    return true;
  }

  /** Remembers the place before the engine is closed. One that was not returned to yet counts on: nothing was played since. */
  keep(): void {
    if (this.#kept || !this.#at.engine() || this.#at.video.readyState === 0) return;
    this.keepAt(this.#at.engine()?.dateMs() ?? null);
  }

  /** The same with another date. @param dateMs ms since 1970; null = not known */
  keepAt(dateMs: number | null, following = this.#at.status().following): void {
    const { live } = this.#at.status();
    this.#kept = { following: live && following, dateMs, positionS: this.#at.video.currentTime };
  }

  /** Whether a viewer who comes back follows the live edge. */
  get willFollow(): boolean {
    return this.#kept?.following ?? true;
  }

  forget(): void {
    this.#kept = null;
  }

  /** Goes back to the kept place; to be called when there is media again. */
  goBack(): void {
    const place = this.#kept;
    if (!place) return;
    this.#kept = null;
    const { live } = this.#at.status();
    const toS = placeS(place, { live, timeOfDateS: (dateMs) => this.#at.engine()?.timeOfDateS(dateMs) ?? null });
    // A place that was kept is not the edge, however near: who paused or went back a little stays back.
    this.#at.onFollowing(toS === null && live);
    if (toS !== null) this.#moveWithin(toS);
  }

  #moveWithin(toS: number): void {
    const edge = this.#edgeS;
    this.#move(edge === null ? toS : Math.min(toS, edge - 0.5));
  }

  #move(toS: number): void {
    this.#at.video.currentTime = Math.max(this.startS, toS);
    this.#at.steering()?.noteJump();
  }
}
