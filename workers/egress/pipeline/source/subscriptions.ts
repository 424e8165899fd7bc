import { type RemoteParticipant, type RemoteTrackPublication, TrackKind, TrackSource } from '@livekit/rtc-node';
import { isWanted, type RoomWanted } from './wanted.ts';

/** Most pictures received at once: each costs decoding, and a room may hold a hundred of them. */
export const MAX_PICTURES = 16;
/** Most sounds: far cheaper, and who is not drawn may still be heard. */
export const MAX_SOUNDS = 64;

type Track = { publication: RemoteTrackPublication; onAir: boolean; received: boolean };

/** Of one person's picture. */
export const pictureKey = (identity: string, source: 'camera' | 'screen') => `${source} ${identity}`;

/**
 * Which tracks of a room are received, since LiveKit is not let to subscribe by itself: what is drawn comes first, then what is received
 * already, so that the others do not take turns, then by the order of joining. What is beyond the bounds stays in the room as a name.
 */
export class Subscriptions {
  readonly #wanted: RoomWanted;
  readonly #leftOut: ReadonlySet<string>;
  readonly #received = new Map<string, RemoteTrackPublication>();
  #pictures = 0;

  /** @param leftOut ids of tracks that are never received */
  constructor(wanted: RoomWanted, leftOut: ReadonlySet<string>) {
    this.#wanted = wanted;
    this.#leftOut = leftOut;
  }

  /** Pictures there are, where that is more than are received; else null. */
  get beyond(): number | null {
    return this.#pictures > MAX_PICTURES ? this.#pictures : null;
  }

  /**
   * Asks LiveKit for what is to be received, and no longer for the rest.
   * @param people in the order of joining
   * @param drawn `pictureKey` of what the picture shows
   * @returns ids of tracks that are let go of
   */
  choose(people: Iterable<RemoteParticipant>, drawn: ReadonlySet<string>): string[] {
    const { pictures, sounds, there } = this.#tracksOf(people, drawn);
    this.#pictures = pictures.length;
    const chosen = new Map(
      [...firstOf(pictures, MAX_PICTURES), ...firstOf(sounds, MAX_SOUNDS)].map(({ publication }) => [
        publication.sid ?? '',
        publication,
      ]),
    );
    const gone: string[] = [];
    for (const [sid, publication] of [...this.#received]) {
      if (chosen.get(sid) === publication) continue;
      this.#received.delete(sid);
      // One that came anew under the same id is asked for below.
      if (chosen.has(sid)) continue;
      gone.push(sid);
      if (there.has(publication)) publication.setSubscribed(false);
    }
    for (const [sid, publication] of chosen) {
      if (this.#received.has(sid)) continue;
      this.#received.set(sid, publication);
      publication.setSubscribed(true);
    }
    return gone;
  }

  has(sid: string): boolean {
    return this.#received.has(sid);
  }

  /** The room was left: nothing is received any more. */
  clear(): void {
    this.#received.clear();
    this.#pictures = 0;
  }

  #tracksOf(people: Iterable<RemoteParticipant>, drawn: ReadonlySet<string>) {
    const pictures: Track[] = [];
    const sounds: Track[] = [];
    const there = new Set<RemoteTrackPublication>();
    for (const person of people) {
      const isDrawn =
        drawn.has(pictureKey(person.identity, 'camera')) || drawn.has(pictureKey(person.identity, 'screen'));
      for (const publication of person.trackPublications.values()) {
        const { sid, source, kind } = publication;
        there.add(publication);
        if (!sid || this.#leftOut.has(sid) || !isWanted(this.#wanted, person, publication)) continue;
        const received = this.#received.get(sid) === publication;
        const key = pictureKey(person.identity, source === TrackSource.SOURCE_SCREENSHARE ? 'screen' : 'camera');
        if (kind === TrackKind.KIND_VIDEO) pictures.push({ publication, onAir: drawn.has(key), received });
        else sounds.push({ publication, onAir: isDrawn, received });
      }
    }
    return { pictures, sounds, there };
  }
}

/** The order of the list decides between equals: sorting is stable. */
function firstOf(tracks: Track[], most: number): Track[] {
  if (tracks.length <= most) return tracks;
  const rank = ({ onAir, received }: Track) => (onAir ? 2 : 0) + (received ? 1 : 0);
  return tracks.toSorted((a, b) => rank(b) - rank(a)).slice(0, most);
}
