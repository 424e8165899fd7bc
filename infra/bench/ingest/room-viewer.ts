import { Room, RoomEvent, TrackKind, VideoBufferType, VideoStream } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { BLOCK_PX, CLOCK_BITS, clockOf } from '../clock/clock-bits.ts';
import type { Install } from '../lib/install.ts';

export type RoomViewer = {
  /** Date.now() when the picture's track was subscribed to; null before it. */
  trackAtMs(): number | null;
  /** Date.now() of the first decoded picture; null before it. */
  firstPictureAtMs(): number | null;
  /** Latencies since the last call, ms; pictures whose clock could not be read are left out. */
  take(): { latencies: number[]; pictures: number };
  leave(): Promise<void>;
};

/** Sits in a room as a subscriber and reads the clock in the picture, without a browser. */
export async function watchRoom({ env }: Install, roomName: string): Promise<RoomViewer> {
  const token = new AccessToken(env.LIVEKIT_API_KEY, env.LIVEKIT_API_SECRET, { identity: 'viewer_bench' });
  token.addGrant({ room: roomName, roomJoin: true, canPublish: false, canSubscribe: true, hidden: true });
  const room = new Room();
  let first: number | null = null;
  let trackAtMs: number | null = null;
  let latencies: number[] = [];
  let pictures = 0;
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind !== TrackKind.KIND_VIDEO) return;
    trackAtMs ??= Date.now();
    void (async () => {
      for await (const { frame } of new VideoStream(track)) {
        const now = Date.now();
        first ??= now;
        pictures += 1;
        const clock = frame.type === VideoBufferType.I420 ? readLuma(frame.data, frame.width, frame.height) : null;
        if (clock !== null && Math.abs(now - clock) < 60_000) latencies.push(now - clock);
      }
    })();
  });
  const url = (env.LIVEKIT_URL ?? '').replace(/^http/, 'ws');
  await room.connect(url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
  return {
    trackAtMs: () => trackAtMs,
    firstPictureAtMs: () => first,
    take() {
      const taken = { latencies, pictures };
      latencies = [];
      pictures = 0;
      return taken;
    },
    leave: () => room.disconnect(),
  };
}

/** The clock in the top edge of an I420 picture, or null when a block is neither black nor white. */
function readLuma(data: Uint8Array, width: number, height: number): number | null {
  const block = Math.floor((BLOCK_PX * height) / 720);
  const third = Math.max(1, Math.floor(block / 3));
  const levels = Array.from({ length: CLOCK_BITS }, (_, bit) => {
    let sum = 0;
    for (let y = third; y < 2 * third; y++) {
      for (let x = 0; x < third; x++) sum += data[y * width + bit * block + third + x] ?? 128;
    }
    return sum / third ** 2;
  });
  return clockOf(levels);
}
