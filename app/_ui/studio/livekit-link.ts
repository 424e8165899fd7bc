import type { LocalTrackPublication, Room, TrackPublishOptions } from 'livekit-client';
import type { LossReason, PublishedTracks, RoomEvents, RoomLink } from './publisher.ts';

type Slot = 'camera' | 'microphone' | 'screen';
const SLOTS: readonly Slot[] = ['microphone', 'camera', 'screen'];
const SCREEN_BITRATE = 3_000_000;
const FRAME_RATE = 30;

/**
 * Joins the channel's room with livekit-client, which is loaded only now.
 * @param seat address and token from the API's host-token call
 * @throws livekit-client's ConnectionError when the server cannot be reached or refuses the token
 */
export async function openLivekitLink(
  seat: { livekitUrl: string; token: string },
  events: RoomEvents,
): Promise<RoomLink> {
  const sdk = await import('livekit-client');
  const room = new sdk.Room({ dynacast: true, adaptiveStream: false, stopLocalTrackOnUnpublish: false });
  room.on(sdk.RoomEvent.Reconnecting, events.onReconnecting);
  room.on(sdk.RoomEvent.SignalReconnecting, events.onReconnecting);
  room.on(sdk.RoomEvent.Reconnected, events.onReconnected);
  room.on(sdk.RoomEvent.Disconnected, (reason) => events.onLost(lossReason(sdk.DisconnectReason, reason)));
  // The host sees the program in the player; receiving other people's tracks is the stage's work.
  await room.connect(seat.livekitUrl, seat.token, { autoSubscribe: false });

  const published = new Map<Slot, LocalTrackPublication>();
  let queue = Promise.resolve();
  return {
    setTracks(tracks) {
      // One change after the other: two at once would publish a camera twice.
      queue = queue.catch(() => undefined).then(() => applyTracks(sdk, room, published, tracks));
      return queue;
    },
    async close() {
      room.removeAllListeners();
      await room.disconnect(false);
    },
  };
}

type Sdk = typeof import('livekit-client');

async function applyTracks(sdk: Sdk, room: Room, published: Map<Slot, LocalTrackPublication>, tracks: PublishedTracks) {
  for (const slot of SLOTS) {
    const wanted = tracks[slot];
    const current = published.get(slot)?.track;
    if (current?.mediaStreamTrack === wanted) continue;
    if (wanted && current) {
      // Same publication, other device: viewers see no gap.
      await current.replaceTrack(wanted, { userProvidedTrack: true });
    } else if (wanted) {
      published.set(slot, await room.localParticipant.publishTrack(wanted, publishOptions(sdk, slot, tracks)));
    } else if (current) {
      published.delete(slot);
      await room.localParticipant.unpublishTrack(current, false);
    }
  }
}

function publishOptions(sdk: Sdk, slot: Slot, tracks: PublishedTracks): TrackPublishOptions {
  switch (slot) {
    case 'camera':
      return {
        source: sdk.Track.Source.Camera,
        simulcast: true,
        videoEncoding: { maxBitrate: tracks.cameraBitrate, maxFramerate: FRAME_RATE },
        degradationPreference: 'balanced',
      };
    case 'screen':
      return {
        source: sdk.Track.Source.ScreenShare,
        simulcast: false,
        videoEncoding: { maxBitrate: SCREEN_BITRATE, maxFramerate: FRAME_RATE },
      };
    case 'microphone':
      // Without dtx silence is sent too, so the mix never has to guess whether sound is late or absent.
      return { source: sdk.Track.Source.Microphone, audioPreset: sdk.AudioPresets.musicHighQuality, dtx: false };
  }
}

function lossReason(reasons: Sdk['DisconnectReason'], reason: number | undefined): LossReason {
  if (reason === reasons.DUPLICATE_IDENTITY) return 'taken-over';
  if (reason === reasons.PARTICIPANT_REMOVED) return 'removed';
  return 'lost';
}
