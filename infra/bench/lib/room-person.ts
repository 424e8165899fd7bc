import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type LocalParticipant,
  LocalVideoTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';

const [RATE, BLOCK] = [48_000, 480];
/** Colour planes of the camera; grey unless said otherwise. */
export type Chroma = { u: number; v: number };

export type PersonLook = {
  chroma?: Chroma;
  /** Of the camera, in px; 320 × 180 unless said otherwise. */
  size?: { width: number; height: number };
  fps?: number;
  /** Paints the luma plane for the picture `frame` (from 0), rows of `width`; another grey each time unless said otherwise. */
  paint?: (luma: Uint8Array, frame: number) => void;
  /** No microphone. */
  silent?: boolean;
};

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
export async function enterRoom(url: string, token: string, look: PersonLook = {}): Promise<RoomPerson> {
  const { chroma = { u: 128, v: 128 }, size = { width: 320, height: 180 }, fps = 10 } = look;
  const { paint = (luma, frame) => luma.fill((frame * 7) % 200) } = look;
  const { width, height } = size;
  const room = new Room();
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  const me = room.localParticipant;
  if (!me) throw new Error('the room has no local participant');
  const camera = new VideoSource(width, height);
  const video = LocalVideoTrack.createVideoTrack('camera', camera);
  const seen = await me.publishTrack(video, new TrackPublishOptions({ source: TrackSource.SOURCE_CAMERA }));
  const voice = look.silent ? null : await speak(me);

  const luma = width * height;
  const picture = new Uint8Array((luma * 3) / 2).fill(chroma.u, luma, (luma * 5) / 4).fill(chroma.v, (luma * 5) / 4);
  let frames = 0;
  const filming = setInterval(() => {
    paint(picture.subarray(0, luma), frames++);
    camera.captureFrame(new VideoFrame(picture, width, height, VideoBufferType.I420));
  }, 1000 / fps);
  return {
    videoTrackId: seen.sid ?? '',
    audioTrackId: voice?.trackId ?? '',
    async stopCamera() {
      clearInterval(filming);
      await me.unpublishTrack(seen.sid ?? '');
    },
    async leave() {
      clearInterval(filming);
      await voice?.end();
      await room.disconnect();
      await video.close().catch(() => undefined);
      await voice?.close();
    },
  };
}

/** A microphone with a tone of 300 Hz. */
async function speak(me: LocalParticipant) {
  const microphone = new AudioSource(RATE, 1);
  const audio = LocalAudioTrack.createAudioTrack('microphone', microphone);
  const heard = await me.publishTrack(audio, new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }));
  let speaking = true;
  const talk = async () => {
    for (let n = 0; speaking; n++) {
      const at = (i: number) => 9000 * Math.sin((2 * Math.PI * 300 * (n * BLOCK + i)) / RATE);
      const block = Int16Array.from({ length: BLOCK }, (_, i) => at(i));
      await microphone.captureFrame(new AudioFrame(block, RATE, 1, BLOCK));
    }
  };
  // A source that is closed under it throws; then nobody speaks any more.
  const talking = talk().catch(() => undefined);
  return {
    trackId: heard.sid ?? '',
    async end() {
      speaking = false;
      await talking;
    },
    close: () => audio.close().catch(() => undefined),
  };
}
