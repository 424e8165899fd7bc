import {
  AudioFrame,
  AudioSource,
  type DisconnectReason,
  LocalAudioTrack,
  LocalVideoTrack,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
  VideoCodec,
  type VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { inTime } from '../../../in-time.ts';
import { forgetRoom } from '../../forget-room.ts';

export type SeatTarget = {
  roomName: string;
  livekit: { url: string; apiKey: string; apiSecret: string };
  size: { width: number; height: number };
  fps: number;
  bitrateKbps: number;
  /** Null = no picture or no sound in this program. */
  has: { picture: boolean; sound: boolean };
};

/** Who the viewers see in their seats' room. */
export const PROGRAM_IDENTITY = 'program';

const OPEN_LIMIT_MS = 10_000;
const SILENT = 'no answer from LiveKit';
const TOKEN_S = 6 * 3600;
/** The room outlives a worker that is restarted, and does not stay for ever. */
const EMPTY_S = 300;
const RATE = 48_000;
const CHANNELS = 2;
/** Sound handed over and not yet sent; beyond it the library is behind, and blocks are dropped. */
const QUEUE_MS = 100;
/** Silence ahead of the first block: blocks come every 21.3 ms, the library takes 10 ms at a time. */
const CUSHION_SAMPLES = 960;
const AUDIO_KBPS = 96;

/** One stay in the seats' room, with the program's two tracks. */
export class SeatLink {
  readonly #room: Room;
  readonly #video: VideoSource | null;
  readonly #audio: AudioSource | null;
  #open = true;
  #soundBegun = false;
  #inFlight = 0;
  /** Resolves once, when the stay ends by itself. */
  readonly gone: Promise<DisconnectReason>;
  droppedBlocks = 0;

  private constructor(room: Room, video: VideoSource | null, audio: AudioSource | null) {
    this.#room = room;
    this.#video = video;
    this.#audio = audio;
    this.gone = new Promise((resolve) => room.once(RoomEvent.Disconnected, resolve));
    void this.gone.then(() => {
      this.#open = false;
      forgetRoom(room);
    });
  }

  /** @throws Error when LiveKit refuses, or does not answer within 10 s */
  static async open(target: SeatTarget): Promise<SeatLink> {
    await makeRoom(target);
    const room = new Room();
    const joining = room.connect(target.livekit.url, await tokenFor(target), { autoSubscribe: false, dynacast: true });
    try {
      await inTime(joining, OPEN_LIMIT_MS, SILENT);
      const { size, has } = target;
      const video = has.picture ? new VideoSource(size.width, size.height) : null;
      const audio = has.sound ? new AudioSource(RATE, CHANNELS, QUEUE_MS) : null;
      const link = new SeatLink(room, video, audio);
      await inTime(link.#publish(target), OPEN_LIMIT_MS, SILENT);
      return link;
    } catch (error) {
      joining.then(() => room.disconnect()).catch(() => {});
      throw error;
    }
  }

  /** The library encodes beside us and leaves pictures out when it is behind: the newest wins. */
  picture(frame: VideoFrame): void {
    if (this.#open) this.#video?.captureFrame(frame, BigInt(Math.round(performance.now() * 1000)));
  }

  /** @param block 1,024 samples a channel, left then right, -1 to 1 */
  sound(block: Float32Array): void {
    const source = this.#audio;
    if (!source || !this.#open) return;
    if (source.queuedDuration > QUEUE_MS || this.#inFlight > 4) {
      this.droppedBlocks++;
      return;
    }
    if (!this.#soundBegun) {
      this.#soundBegun = true;
      this.#capture(source, new Int16Array(CUSHION_SAMPLES * CHANNELS));
    }
    this.#capture(source, interleaved(block));
  }

  async close(): Promise<void> {
    this.#open = false;
    await inTime(this.#room.disconnect(), OPEN_LIMIT_MS, SILENT).catch(() => {});
    await this.#video?.close();
    await this.#audio?.close();
  }

  #capture(source: AudioSource, data: Int16Array): void {
    this.#inFlight++;
    source
      .captureFrame(new AudioFrame(data, RATE, CHANNELS, data.length / CHANNELS))
      // Refused while its queue is full, or closed under us: the next block tells.
      .catch(() => void this.droppedBlocks++)
      .finally(() => void this.#inFlight--);
  }

  async #publish({ fps, bitrateKbps }: SeatTarget): Promise<void> {
    const me = this.#room.localParticipant;
    if (!me) throw new Error('the seats’ room gave us no place');
    if (this.#video) {
      const track = LocalVideoTrack.createVideoTrack('program', this.#video);
      const videoEncoding = { maxBitrate: BigInt(bitrateKbps * 1000), maxFramerate: fps };
      const options = {
        source: TrackSource.SOURCE_CAMERA,
        videoCodec: VideoCodec.H264,
        simulcast: false,
        videoEncoding,
      };
      await me.publishTrack(track, new TrackPublishOptions(options));
    }
    if (this.#audio) {
      const track = LocalAudioTrack.createAudioTrack('program-sound', this.#audio);
      const audioEncoding = { maxBitrate: BigInt(AUDIO_KBPS * 1000) };
      const options = { source: TrackSource.SOURCE_MICROPHONE, dtx: false, red: true, audioEncoding };
      await me.publishTrack(track, new TrackPublishOptions(options));
    }
  }
}

/** Seats last as long as the program is in them; a room that is there already stays as it is. */
async function makeRoom({ roomName, livekit }: SeatTarget): Promise<void> {
  const rooms = new RoomServiceClient(livekit.url.replace(/^ws/, 'http'), livekit.apiKey, livekit.apiSecret);
  await inTime(
    rooms.createRoom({ name: roomName, emptyTimeout: EMPTY_S, departureTimeout: EMPTY_S }),
    OPEN_LIMIT_MS,
    SILENT,
  );
}

function tokenFor({ roomName, livekit }: SeatTarget): Promise<string> {
  const { apiKey, apiSecret } = livekit;
  const token = new AccessToken(apiKey, apiSecret, { identity: PROGRAM_IDENTITY, name: 'Program', ttl: TOKEN_S });
  token.addGrant({ room: roomName, roomJoin: true, canPublish: true, canSubscribe: false, canPublishData: false });
  return token.toJwt();
}

function interleaved(block: Float32Array): Int16Array {
  const samples = block.length / CHANNELS;
  const out = new Int16Array(block.length);
  for (let at = 0; at < samples; at++) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      const value = block[channel * samples + at] ?? 0;
      out[at * CHANNELS + channel] = Math.round(Math.max(-1, Math.min(1, value)) * 32_767);
    }
  }
  return out;
}
