import type { PlayerStatus } from '../core/phase.ts';
import type { SeatStatus } from '../core/seat.ts';
import type { Playhead } from '../element/playhead.ts';
import type { Engine } from '../hls/engine.ts';
import { openSeatEngine } from './seat-engine.ts';
import type { SeatLink } from './seat-link.ts';
import { createStill, type Still } from './still.ts';

/** What is on the screen of a seat was before the host about so long ago, ms: only to find the place when somebody pauses or goes back. */
const SEAT_BEHIND_MS = 400;
/** A viewer in one of these needs no seat. */
const IDLE: readonly PlayerStatus['phase'][] = ['paused', 'waiting', 'ended', 'failed'];

/** What a seating is given of the playback it belongs to. */
export type SeatingContext = {
  video: HTMLVideoElement;
  /** What the held picture comes to lie over. */
  cover: HTMLElement;
  playhead: Playhead;
  status(): PlayerStatus;
  set(change: Partial<PlayerStatus>): void;
  /** The origin's clock, ms since 1970. */
  nowMs(): number;
  /** Keeps the right to watch alive while no playlist is asked for. @returns stop */
  keepGrant(): () => void;
  /** Closes what plays, then plays what `make` gives. */
  playWith(make: () => Engine): void;
  /** Closes what plays, and opens the show over HLS. */
  reopen(): void;
  /** Asks for a seat until it is closed. */
  openDesk(events: DeskEvents): { close(): void };
};

/** What a desk tells: the program can be shown, it cannot be shown any longer, how it stands. */
export type DeskEvents = {
  onSeat(link: SeatLink): void;
  onLost(): void;
  onState(state: SeatStatus['state'], problem: SeatStatus['problem']): void;
};

/**
 * Lets a viewer change over between a seat and HLS in one video element, in both directions under the last picture: decides when a seat is
 * wanted, gives it back when it is not, and finds the place again when somebody leaves the present.
 */
export class Seating {
  readonly #c: SeatingContext;
  readonly #still: Still;
  #wanted = false;
  #desk: { close(): void } | null = null;
  #isSeated = false;
  #closed = false;

  constructor(context: SeatingContext) {
    this.#c = context;
    this.#still = createStill(context.video, context.cover);
  }

  /** A picture is held while the engine changes: the show goes on as far as anybody sees. */
  get isCovered(): boolean {
    return this.#still.isHeld;
  }

  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.#tell('off', null);
    this.look();
  }

  /** To be called whenever the status has changed. */
  look(): void {
    const { live, following, audioOnly, phase } = this.#c.status();
    if (this.#wanted && !this.#closed && live && following && !audioOnly && !IDLE.includes(phase)) this.#open();
    else this.#leave();
  }

  /** Leaves the present for what was `byS` seconds (below 0) from it; -Infinity = the start of the show. */
  goBack(byS: number): void {
    this.#c.playhead.keepAt(this.#c.nowMs() - SEAT_BEHIND_MS + byS * 1000, false);
    this.#c.set({ following: false });
  }

  uncover(): void {
    this.#still.drop();
  }

  close(): void {
    this.#closed = true;
    this.#leave();
    this.#still.remove();
  }

  #open(): void {
    if (this.#desk) return;
    let left = false;
    let ask: { close(): void } | null = null;
    // Before it is opened: it tells at once that it asks, which changes the status, which brings us here again.
    this.#desk = {
      close() {
        left = true;
        ask?.close();
      },
    };
    ask = this.#c.openDesk({
      onSeat: (link) => (left ? link.close() : this.#sit(link)),
      onLost: () => left || this.#rise(),
      onState: (state, problem) => left || this.#tell(state, problem),
    });
    if (left) ask.close();
  }

  #leave(): void {
    const desk = this.#desk;
    if (!desk) return;
    this.#desk = null;
    // While its picture is still there to be held.
    this.#rise();
    desk.close();
    this.#tell('off', null);
  }

  /** The program is here: it takes the element over, with its picture ready. */
  #sit(link: SeatLink): void {
    this.#isSeated = true;
    this.#still.hold();
    this.#c.playWith(() => {
      this.#c.playhead.forget();
      return openSeatEngine(this.#c.video, link, this.#c.keepGrant());
    });
    this.#c.set({ live: true, behindS: null, playingQuality: null });
  }

  /** The seat is gone: HLS takes over. */
  #rise(): void {
    if (!this.#isSeated) return;
    this.#isSeated = false;
    if (this.#closed) return;
    this.#still.hold();
    this.#c.reopen();
  }

  #tell(state: SeatStatus['state'], problem: SeatStatus['problem']): void {
    if (!this.#closed) this.#c.set({ seat: { wanted: this.#wanted, state, problem } });
  }
}
