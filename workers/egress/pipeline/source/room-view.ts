import { type RemoteParticipant, type RemoteTrackPublication, TrackKind, TrackSource } from '@livekit/rtc-node';
import type { RoomMetadata } from '#core/scene/scene';
import type { Samples } from './audio-tap.ts';
import type { VideoTap } from './video-tap.ts';
import { isOneSeat, isWanted, oneSeat, type RoomWanted } from './wanted.ts';

/** One person as the compositor sees them. */
export type RoomPerson<Sink extends Samples> = {
  identity: string;
  name: string;
  camera: boolean;
  screen: boolean;
  sound: boolean;
  cameraTap: VideoTap | null;
  screenTap: VideoTap | null;
  sounds: Sink[];
};

export type RoomView<Sink extends Samples> = {
  version: number;
  people: RoomPerson<Sink>[];
  activeSpeaker: string | null;
  metadata: RoomMetadata | null;
};

/** What is received of a track, by its id; null = nothing yet. */
type Received<Sink extends Samples> = { video(sid: string): VideoTap | null; sound(sid: string): Sink | null };

/** Who of those in the room is wanted, with what is received of them, @param there in the order in which they joined */
export function peopleOf<Sink extends Samples>(
  there: readonly RemoteParticipant[],
  wanted: RoomWanted,
  received: Received<Sink>,
): RoomPerson<Sink>[] {
  const all = there
    .filter(({ identity }) => wanted.kind !== 'participant' || identity === wanted.identity)
    .map((participant) => personOf(participant, wanted, received));
  return isOneSeat(wanted) ? oneSeat(all) : all;
}

function personOf<Sink extends Samples>(
  participant: RemoteParticipant,
  wanted: RoomWanted,
  received: Received<Sink>,
): RoomPerson<Sink> {
  const person: RoomPerson<Sink> = {
    identity: participant.identity,
    name: participant.name ?? '',
    camera: false,
    screen: false,
    sound: false,
    cameraTap: null,
    screenTap: null,
    sounds: [],
  };
  for (const publication of participant.trackPublications.values()) {
    if (!isWanted(wanted, participant, publication)) continue;
    const sid = publication.sid ?? '';
    if (publication.kind === TrackKind.KIND_VIDEO) addPicture(person, publication, received.video(sid));
    else {
      person.sound = true;
      const sound = received.sound(sid);
      if (sound && !publication.muted) person.sounds.push(sound);
    }
  }
  return person;
}

/** Of two cameras the one that gives pictures counts, else the newer. */
function addPicture<Sink extends Samples>(
  person: RoomPerson<Sink>,
  publication: RemoteTrackPublication,
  tap: VideoTap | null,
): void {
  if (publication.muted) return;
  if (publication.source === TrackSource.SOURCE_SCREENSHARE) {
    person.screen = true;
    if (!person.screenTap?.frames || tap?.frames) person.screenTap = tap;
  } else {
    person.camera = true;
    if (!person.cameraTap?.frames || tap?.frames) person.cameraTap = tap;
  }
}

/** Who was there before us comes in any order: without the server's own time seats would change at every restart of this process. */
export function joinedAt({ info }: RemoteParticipant): number {
  return Number(info.joinedAt ?? 0);
}
