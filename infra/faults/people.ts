import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  LocalVideoTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { api } from '../bench/lib/install.ts';
import type { Show } from './show.ts';

const [WIDTH, HEIGHT, FPS] = [320, 180, 10];
const [RATE, BLOCK] = [48_000, 480];

/** Somebody on the stage with a small camera and a microphone. */
export type Person = { leave(): Promise<void> };

/** Joins a show's stage and publishes; the picture changes with each frame. */
export async function join(show: Show, name: string): Promise<Person> {
  type Grant = { livekitUrl: string; token: string };
  const grant = await api<Grant>(show.install, 'POST', `/broadcasts/${show.broadcast.id}/host-token`, {
    identity: `host_${name}`,
    name,
  });
  const room = new Room();
  await room.connect(grant.livekitUrl, grant.token, { autoSubscribe: false, dynacast: false });
  const camera = new VideoSource(WIDTH, HEIGHT);
  const microphone = new AudioSource(RATE, 1);
  const video = LocalVideoTrack.createVideoTrack('camera', camera);
  const audio = LocalAudioTrack.createAudioTrack('microphone', microphone);
  const options = (source: TrackSource) => new TrackPublishOptions({ source });
  await room.localParticipant?.publishTrack(video, options(TrackSource.SOURCE_CAMERA));
  await room.localParticipant?.publishTrack(audio, options(TrackSource.SOURCE_MICROPHONE));

  const picture = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  let frames = 0;
  const filming = setInterval(() => {
    picture.fill((frames++ * 7) % 200, 0, WIDTH * HEIGHT);
    camera.captureFrame(new VideoFrame(picture, WIDTH, HEIGHT, VideoBufferType.I420));
  }, 1000 / FPS);
  let speaking = true;
  const talk = async () => {
    const block = new Int16Array(BLOCK);
    for (let n = 0; speaking; n++) {
      for (let i = 0; i < BLOCK; i++) block[i] = 3000 * Math.sin((2 * Math.PI * 300 * (n * BLOCK + i)) / RATE);
      await microphone.captureFrame(new AudioFrame(block, RATE, 1, BLOCK));
    }
  };
  // A source that is closed under it throws; then nobody speaks any more.
  const talking = talk().catch(() => undefined);
  return {
    async leave() {
      clearInterval(filming);
      speaking = false;
      await talking;
      await room.disconnect();
      await video.close().catch(() => undefined);
      await audio.close().catch(() => undefined);
    },
  };
}
