import type { CarePlan, TappedTrack } from '../plan.ts';

export type CrashTimes = { crashWindowMs: number; crashLimit: number };

/** What follows a crash: another process with the care it is given, or the end. */
export type AfterCrash = { do: 'restart'; changed: boolean } | { do: 'give-up'; crashes: number };

/** Kept of them; the longest gone are forgotten first. */
const KNOWN_TRACKS = 200;

type Crash = { atMs: number; here: string[] };

/** What a successor must know to go on where this one is: plain data, JSON. Times are wall clock ms. */
export type SavedCare = {
  care?: CarePlan;
  /** Null when nothing was left out yet. */
  raisedAtMs: number | null;
  /** In the order in which they first came. */
  known: TappedTrack[];
  crashes: Crash[];
};

/**
 * What is left out after a process has crashed again and again: the track that came last of those that were received at every
 * crash; then every picture, with the slate on air and the sound going on; then it is given up. Plain data in and out, takes its time.
 */
export class CrashCare {
  readonly #times: CrashTimes;
  /** In the order in which they first came: a restart receives all of them anew. */
  readonly #known = new Map<string, TappedTrack>();
  readonly #here = new Set<string>();
  #crashes: Crash[] = [];
  #care: CarePlan | undefined;
  #raisedAtMs = Number.NEGATIVE_INFINITY;

  /** @param saved of the worker that had this egress before */
  constructor(times: CrashTimes, saved?: SavedCare) {
    this.#times = times;
    if (!saved) return;
    this.#care = saved.care;
    this.#raisedAtMs = saved.raisedAtMs ?? Number.NEGATIVE_INFINITY;
    this.#crashes = saved.crashes;
    for (const track of saved.known) this.#known.set(track.sid, track);
  }

  save(): SavedCare {
    const raisedAtMs = Number.isFinite(this.#raisedAtMs) ? this.#raisedAtMs : null;
    return { care: this.#care, raisedAtMs, known: [...this.#known.values()], crashes: this.#crashes };
  }

  /** For the next process; undefined while there was no reason. */
  get plan(): CarePlan | undefined {
    return this.#care;
  }

  /** The process is about to receive this track. */
  tapped(track: TappedTrack): void {
    if (!this.#known.has(track.sid)) this.#known.set(track.sid, track);
    this.#here.add(track.sid);
    const gone = this.#known.size > KNOWN_TRACKS && [...this.#known.keys()].find((sid) => !this.#here.has(sid));
    if (gone) this.#known.delete(gone);
  }

  untapped(sid: string): void {
    this.#here.delete(sid);
  }

  /** The process is gone by itself. */
  crashed(atMs: number): AfterCrash {
    const { crashWindowMs, crashLimit } = this.#times;
    this.#crashes = this.#crashes.filter((crash) => atMs - crash.atMs < crashWindowMs);
    this.#crashes.push({ atMs, here: [...this.#here] });
    this.#here.clear();
    // What was left out was not it: nobody waits for two more crashes.
    const inVain = atMs - this.#raisedAtMs < crashWindowMs;
    if (!inVain && this.#crashes.length < crashLimit) return { do: 'restart', changed: false };
    const next = (inVain ? null : this.#withoutSuspect()) ?? this.#onlySlate();
    if (!next) return { do: 'give-up', crashes: this.#crashes.length };
    this.#care = next;
    this.#raisedAtMs = atMs;
    return { do: 'restart', changed: true };
  }

  #withoutSuspect(): CarePlan | null {
    const { leftOut, slate } = this.#care ?? { leftOut: [], slate: false };
    const suspects = [...this.#known.values()].filter(({ sid }) =>
      this.#crashes.every(({ here }) => here.includes(sid)),
    );
    const last = suspects.at(-1);
    return last && !slate ? { leftOut: [...leftOut, last], slate } : null;
  }

  /** A track that is published later is received again: whoever was left out may come back as another one. */
  #onlySlate(): CarePlan | null {
    const pictures = [...this.#known.values()].filter(({ picture }) => picture);
    if (this.#care?.slate || pictures.length === 0) return null;
    const sounds = this.#care?.leftOut.filter(({ picture }) => !picture) ?? [];
    return { leftOut: [...sounds, ...pictures], slate: true };
  }
}
