import { Room, RoomEvent, TrackKind, VideoStream } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import type { Install } from '../lib/install.ts';

/** A viewer in a WebRTC seat, who counts pictures. */
export async function takeSeat({ env }: Install, roomName: string) {
  const token = new AccessToken(env.LIVEKIT_API_KEY, env.LIVEKIT_API_SECRET, { identity: 'viewer_bench' });
  token.addGrant({ room: roomName, roomJoin: true, canPublish: false, canSubscribe: true, hidden: true });
  const room = new Room();
  let pictures = 0;
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind !== TrackKind.KIND_VIDEO) return;
    void (async () => {
      for await (const _ of new VideoStream(track)) pictures++;
    })();
  });
  const url = (env.LIVEKIT_URL ?? '').replace(/^http/, 'ws');
  await room.connect(url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
  return { pictures: () => pictures, leave: () => room.disconnect() };
}
