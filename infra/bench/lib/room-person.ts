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

const [WIDTH, HEIGHT, FPS] = [320, 180, 10];
const [RATE, BLOCK] = [48_000, 480];
/** Colour planes of the camera; grey unless said otherwise. */
export type Chroma = { u: number; v: number };

/** Somebody in a LiveKit room with a small camera and a microphone. */
export type RoomPerson = {
  /** Track ids, as requests name them. */
  videoTrackId: string;
  audioTrackId: string;
  /** Takes the camera away for good; the microphone stays. */
  stopCamera(): Promise<void>;
  leave(): Promise<void>;
};

/** Joins and publishes; the picture changes with each frame, the microphone gives a tone. */
export async function enterRoom(url: string, token: string, chroma: Chroma = { u: 128, v: 128 }): Promise<RoomPerson> {
  const room = new Room();
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  const me = room.localParticipant;
  if (!me) throw new Error('the room has no local participant');
  const camera = new VideoSource(WIDTH, HEIGHT);
  const microphone = new AudioSource(RATE, 1);
  const video = LocalVideoTrack.createVideoTrack('camera', camera);
  const audio = LocalAudioTrack.createAudioTrack('microphone', microphone);
  const options = (source: TrackSource) => new TrackPublishOptions({ source });
  const seen = await me.publishTrack(video, options(TrackSource.SOURCE_CAMERA));
  const heard = await me.publishTrack(audio, options(TrackSource.SOURCE_MICROPHONE));

  const luma = WIDTH * HEIGHT;
  const picture = new Uint8Array((luma * 3) / 2).fill(chroma.u, luma, (luma * 5) / 4).fill(chroma.v, (luma * 5) / 4);
  let frames = 0;
  const filming = setInterval(() => {
    picture.fill((frames++ * 7) % 200, 0, luma);
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
    videoTrackId: seen.sid ?? '',
    audioTrackId: heard.sid ?? '',
    async stopCamera() {
      clearInterval(filming);
      await me.unpublishTrack(seen.sid ?? '');
    },
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
