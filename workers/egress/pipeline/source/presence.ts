import { namedIn, type RoomWanted } from './wanted.ts';

/** As long as LiveKit's egress waits for a person or track that was asked for. */
export const APPEAR_MS = 30_000;
/** A track never comes back under its id: this only bridges a reconnect, in which everybody leaves and comes for an instant. */
export const TRACK_GRACE_MS = 3_000;
/** A person who reloads the page comes back under the same identity. */
export const PERSON_GRACE_MS = 10_000;

type Seen = { identity: string; trackPublications: ReadonlyMap<string, unknown> };
type Events = { onGone(): void; onMissing(what: string): void };

/**
 * Decides when a person or tracks that were asked for have left for good, or will not come (LiveKit ends such an egress). A track egress
 * ends with its last track. Does nothing for a whole room, and nothing while we are out of the room ourselves.
 */
export class Presence {
  readonly #wanted: RoomWanted;
  readonly #events: Events;
  /** What has not been seen yet: identity or track ids. */
  readonly #awaited: Set<string>;
  #seen = false;
  #missing: NodeJS.Timeout | null = null;
  #gone: NodeJS.Timeout | null = null;
  #done = false;

  constructor(wanted: RoomWanted, events: Events) {
    this.#wanted = wanted;
    this.#events = events;
    this.#awaited = new Set(namedIn(wanted));
  }

  /** Everybody in the room now, with their tracks by id. */
  see(people: readonly Seen[]): void {
    const wanted = namedIn(this.#wanted);
    if (wanted.length === 0 || this.#done) return;
    const there = people.flatMap((one) => [one.identity, ...one.trackPublications.keys()]);
    const present = wanted.filter((id) => there.includes(id));
    for (const id of present) this.#awaited.delete(id);
    if (present.length > 0) this.#seen = true;
    if (this.#awaited.size === 0) this.#missing = stop(this.#missing);
    else this.#missing ??= setTimeout(() => this.#end(() => this.#events.onMissing(this.#what())), APPEAR_MS);
    if (present.length > 0 || !this.#seen) this.#gone = stop(this.#gone);
    else {
      const persons = wanted.some((name) => !isTrackId(name));
      const grace = persons ? PERSON_GRACE_MS : TRACK_GRACE_MS;
      this.#gone ??= setTimeout(() => this.#end(() => this.#events.onGone()), grace);
    }
  }

  /** We are not in the room: who is there is not known. */
  unsure(): void {
    this.#missing = stop(this.#missing);
    this.#gone = stop(this.#gone);
  }

  close(): void {
    this.#done = true;
    this.unsure();
  }

  #what(): string {
    const ids = [...this.#awaited].join(', ');
    return isTrackId(ids) ? `The track ${ids}` : `The participant ${ids}`;
  }

  #end(tell: () => void): void {
    this.close();
    tell();
  }
}

const isTrackId = (name: string) => name.startsWith('TR_');

function stop(timer: NodeJS.Timeout | null): null {
  if (timer) clearTimeout(timer);
  return null;
}
