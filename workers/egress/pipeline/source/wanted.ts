import { ParticipantKind, type RemoteTrackPublication, TrackKind, TrackSource } from '@livekit/rtc-node';
import type { Channel, ParticipantWord, SoundRoute, SourcePlan } from '../../plan.ts';

/** What of a LiveKit room one egress receives. */
export type RoomWanted = Exclude<SourcePlan, { kind: 'page' }>;
type Media = Extract<RoomWanted, { kind: 'media' }>;
type Owner = { identity: string; kind?: ParticipantKind };
type Track = Pick<RemoteTrackPublication, 'sid' | 'source' | 'kind'>;

/** Whether this track is received: all of a room, one person's camera and microphone or screen and its sound, or named tracks. */
export function isWanted(wanted: RoomWanted, owner: Owner, track: Track): boolean {
  const { sid, source } = track;
  if (wanted.kind === 'room') return true;
  if (wanted.kind === 'tracks') return sid !== undefined && namedIn(wanted).includes(sid);
  if (wanted.kind === 'media') {
    return track.kind === TrackKind.KIND_AUDIO
      ? routeOf(wanted.routes, owner, track) !== null
      : isMediaPicture(wanted, owner, track);
  }
  const ofScreen = source === TrackSource.SOURCE_SCREENSHARE || source === TrackSource.SOURCE_SCREENSHARE_AUDIO;
  return owner.identity === wanted.identity && ofScreen === wanted.screenShare;
}

function isMediaPicture({ video }: Media, owner: Owner, { sid, source }: Track): boolean {
  if (!video) return false;
  if ('trackId' in video) return video.trackId === sid;
  return owner.identity === video.identity && (source !== TrackSource.SOURCE_SCREENSHARE || video.preferScreen);
}

const WORDS: Partial<Record<ParticipantKind, ParticipantWord>> = {
  [ParticipantKind.STANDARD]: 'standard',
  [ParticipantKind.INGRESS]: 'ingress',
  [ParticipantKind.EGRESS]: 'egress',
  [ParticipantKind.SIP]: 'sip',
  [ParticipantKind.AGENT]: 'agent',
};

function routeOf(routes: readonly SoundRoute[], { identity, kind }: Owner, { sid }: Track): SoundRoute | null {
  const takes = (route: SoundRoute): boolean => {
    if (route.of === 'track') return route.id === sid;
    if (route.of === 'person') return route.identity === identity;
    return route.of === 'all' || route.kind === WORDS[kind ?? ParticipantKind.STANDARD];
  };
  return routes.find(takes) ?? null;
}

/** Where a sound is heard. @param turn how many sound tracks came before it */
export function channelOf(
  wanted: RoomWanted,
  apart: 'agents' | 'alternate' | undefined,
  { owner, track, turn }: { owner: Owner; track: Track; turn: number },
): Channel {
  if (wanted.kind === 'media') return routeOf(wanted.routes, owner, track)?.channel ?? 'both';
  if (apart === 'agents') return owner.kind === ParticipantKind.AGENT ? 'left' : 'right';
  if (apart === 'alternate') return turn % 2 === 0 ? 'left' : 'right';
  return 'both';
}

/** Everything that was named, track ids and identities: what an egress waits for, and ends with. The picture's name comes first. */
export function namedIn(wanted: RoomWanted): string[] {
  if (wanted.kind === 'room') return [];
  if (wanted.kind === 'participant') return [wanted.identity];
  if (wanted.kind === 'tracks') {
    return [...(wanted.videoTrackId ? [wanted.videoTrackId] : []), ...wanted.audioTrackIds];
  }
  const { video, routes } = wanted;
  // A picture decides; sounds come and go beside it, and without a picture those that are named decide.
  if (video) return ['trackId' in video ? video.trackId : video.identity];
  if (routes.some(({ of }) => of === 'all' || of === 'kind')) return [];
  return routes.flatMap((route) => (route.of === 'track' ? [route.id] : route.of === 'person' ? [route.identity] : []));
}

/** Tracks that were named one by one, whoever owns them. */
export const isOneSeat = ({ kind }: RoomWanted) => kind === 'tracks' || kind === 'media';

/**
 * Tracks of whomever as one person: one picture fills the frame and every sound is heard, with no rule for names (backup encoders,
 * guests backstage) and no active speaker in between. The person bears the identity of the picture's owner.
 */
export function oneSeat<One extends { camera: boolean; screen: boolean; sound: boolean; sounds: unknown[] }>(
  people: One[],
): One[] {
  const owner = people.find((person) => person.camera || person.screen) ?? people.find((person) => person.sound);
  if (!owner) return [];
  return [{ ...owner, sound: people.some(({ sound }) => sound), sounds: people.flatMap(({ sounds }) => sounds) }];
}
