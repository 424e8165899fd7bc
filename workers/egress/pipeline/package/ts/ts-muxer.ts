import { PidWriter, pes, section } from './packets.ts';

/**
 * One program of H.264 and AAC as MPEG-TS: what plain LiveKit requests get as segments. Written here and not by FFmpeg's muxer, since a
 * segment is made of packets that are in memory already, synchronously, without a native call that could fail half way.
 */
export type TsTracks = {
  /** AVCDecoderConfigurationRecord. */
  avcC: Uint8Array | null;
  /** AudioSpecificConfig. */
  aacConfig: Uint8Array | null;
};

const PAT_PID = 0;
const PMT_PID = 0x1000;
const VIDEO_PID = 0x100;
const AUDIO_PID = 0x101;
const PROGRAM = 1;
const H264 = 0x1b;
const AAC_ADTS = 0x0f;
const VIDEO_ID = 0xe0;
const AUDIO_ID = 0xc0;
/** Lead of the clock reference over the time stamps, 90 kHz: what a decoder may buffer. */
const LEAD = 63_000;
const START_CODE = Buffer.from([0, 0, 0, 1]);
const DELIMITER = Buffer.from([0, 0, 0, 1, 9, 0xf0]);
/** AAC frames in one PES packet: 128 ms. */
const FRAMES_A_PES = 6;
const AAC_FRAME_TICKS = 1920;

/** SPS and PPS of an avcC as annex B. */
function parameterSets(avcC: Uint8Array): Buffer {
  const record = Buffer.from(avcC);
  const units: Buffer[] = [];
  let at = 6;
  const take = (count: number) => {
    for (let i = 0; i < count; i++) {
      const length = record.readUInt16BE(at);
      units.push(START_CODE, record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  };
  take((record[5] ?? 0) & 0x1f);
  const pictures = record[at++] ?? 0;
  take(pictures);
  return Buffer.concat(units);
}

/** Length-prefixed NAL units with start codes instead; both are four bytes long. */
function toAnnexB(data: Uint8Array): Buffer {
  const out = Buffer.from(data);
  for (let at = 0; at + 4 <= out.length; ) {
    const length = out.readUInt32BE(at);
    START_CODE.copy(out, at);
    at += 4 + length;
  }
  return out;
}

/** ADTS header of one raw AAC frame (ISO/IEC 13818-7 6.2). */
function adtsHeader(config: Uint8Array, frameBytes: number): Buffer {
  const [first = 0, second = 0] = config;
  const objectType = first >> 3;
  const rate = ((first & 7) << 1) | (second >> 7);
  const channels = (second >> 3) & 0x0f;
  const length = frameBytes + 7;
  return Buffer.from([
    0xff,
    0xf1,
    ((objectType - 1) << 6) | (rate << 2) | (channels >> 2),
    ((channels & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  ]);
}

export class TsMuxer {
  readonly #tracks: TsTracks;
  readonly #parameters: Buffer;
  readonly #pat = new PidWriter(PAT_PID);
  readonly #pmt = new PidWriter(PMT_PID);
  readonly #video = new PidWriter(VIDEO_PID);
  readonly #audio = new PidWriter(AUDIO_PID);
  #out: Buffer[] = [];
  #frames: Buffer[] = [];
  #framesPts = 0;

  constructor(tracks: TsTracks) {
    this.#tracks = tracks;
    this.#parameters = tracks.avcC ? parameterSets(tracks.avcC) : Buffer.alloc(0);
  }

  /** Tables in front: every segment can be decoded by itself. */
  begin(): void {
    this.#out.push(...this.#pat.write(section(0, 1, Buffer.from([0, PROGRAM, 0xe0 | (PMT_PID >> 8), PMT_PID & 0xff]))));
    const { avcC, aacConfig } = this.#tracks;
    const clock = avcC ? VIDEO_PID : AUDIO_PID;
    const stream = (type: number, pid: number) => [type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0];
    const body = [
      0xe0 | (clock >> 8),
      clock & 0xff,
      0xf0,
      0,
      ...(avcC ? stream(H264, VIDEO_PID) : []),
      ...(aacConfig ? stream(AAC_ADTS, AUDIO_PID) : []),
    ];
    this.#out.push(...this.#pmt.write(section(2, PROGRAM, Buffer.from(body))));
  }

  /** @param pts 90 kHz; data with 32-bit NAL lengths */
  video(pts: number, key: boolean, data: Uint8Array): void {
    const unit = Buffer.concat([DELIMITER, ...(key ? [this.#parameters] : []), toAnnexB(data)]);
    this.#out.push(...this.#video.write(pes(VIDEO_ID, pts + LEAD, unit, true), { pcr: pts, randomAccess: key }));
  }

  /** @param pts 90 kHz; data one raw AAC frame */
  audio(pts: number, data: Uint8Array): void {
    const { aacConfig } = this.#tracks;
    if (!aacConfig) return;
    if (this.#frames.length === 0) this.#framesPts = pts;
    this.#frames.push(adtsHeader(aacConfig, data.length), Buffer.from(data));
    const due = this.#framesPts + (FRAMES_A_PES - 1) * AAC_FRAME_TICKS;
    if (pts >= due) this.#flushAudio();
  }

  /** Bytes since `begin`. */
  take(): Buffer {
    this.#flushAudio();
    const bytes = Buffer.concat(this.#out);
    this.#out = [];
    return bytes;
  }

  #flushAudio(): void {
    if (this.#frames.length === 0) return;
    const packet = pes(AUDIO_ID, this.#framesPts + LEAD, Buffer.concat(this.#frames), false);
    const clock = this.#tracks.avcC ? {} : { pcr: this.#framesPts, randomAccess: true };
    this.#out.push(...this.#audio.write(packet, clock));
    this.#frames = [];
  }
}
