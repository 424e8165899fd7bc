import { type RemoteTrackPublication, TrackSource } from '@livekit/rtc-node';
import type { SourcePlan } from '../../plan.ts';

/** What of a LiveKit room one egress receives. */
export type RoomWanted = Exclude<SourcePlan, { kind: 'page' }>;

/** Whether this track is received: all of a room, one person's camera and microphone or screen and its sound, or named tracks. */
export function isWanted(
  wanted: RoomWanted,
  identity: string,
  { sid, source }: Pick<RemoteTrackPublication, 'sid' | 'source'>,
): boolean {
  if (wanted.kind === 'room') return true;
  if (wanted.kind === 'tracks') return sid !== undefined && trackIds(wanted).includes(sid);
  const ofScreen = source === TrackSource.SOURCE_SCREENSHARE || source === TrackSource.SOURCE_SCREENSHARE_AUDIO;
  return identity === wanted.identity && ofScreen === wanted.screenShare;
}

/** Every track id that was named, the picture's first. */
export function trackIds({ videoTrackId, audioTrackIds }: Extract<RoomWanted, { kind: 'tracks' }>): string[] {
  return [...(videoTrackId ? [videoTrackId] : []), ...audioTrackIds];
}

/**
 * Named tracks of whomever as one person: one picture fills the frame and every sound is heard, with no rule for names (backup encoders,
 * guests backstage) and no active speaker in between. The person bears the identity of the picture's owner.
 */
export function oneSeat<One extends { camera: boolean; screen: boolean; sound: boolean; sounds: unknown[] }>(
  people: One[],
): One[] {
  const owner = people.find((person) => person.camera || person.screen) ?? people.find((person) => person.sound);
  if (!owner) return [];
  return [{ ...owner, sound: people.some(({ sound }) => sound), sounds: people.flatMap(({ sounds }) => sounds) }];
}
