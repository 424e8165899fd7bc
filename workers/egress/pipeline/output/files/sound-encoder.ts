import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  Codec,
  CodecContext,
  Dictionary,
  FF_ENCODER_LIBMP3LAME,
  FF_ENCODER_LIBOPUS,
  FFmpegError,
  Frame,
  Packet,
  Rational,
} from 'node-av';

const RATE = 48_000;
/** Opus: 20 ms. MP3: one frame of MPEG-1 layer III. */
const FRAME = { opus: 960, mp3: 1152 } as const;

/** Opus or MP3 out of blocks of any length, 48 kHz stereo. Synchronous: a frame takes a fifth of a millisecond. */
export class SoundEncoder {
  readonly kind: 'opus' | 'mp3';
  readonly frameSamples: number;
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  /** Left and right of the frame that fills. */
  readonly #left: Float32Array;
  readonly #right: Float32Array;
  #filled = 0;
  #pts = 0n;

  private constructor(kind: 'opus' | 'mp3', context: CodecContext) {
    this.kind = kind;
    this.#context = context;
    this.frameSamples = FRAME[kind];
    this.#left = new Float32Array(this.frameSamples);
    this.#right = new Float32Array(this.frameSamples);
    this.#packet.alloc();
  }

  static async open(kind: 'opus' | 'mp3', bitrateKbps: number): Promise<SoundEncoder> {
    const codec = Codec.findEncoderByName(kind === 'opus' ? FF_ENCODER_LIBOPUS : FF_ENCODER_LIBMP3LAME);
    if (!codec) throw new Error(`this build of node-av cannot write ${kind}`);
    const context = new CodecContext();
    context.allocContext3(codec);
    context.sampleRate = RATE;
    context.sampleFormat = kind === 'opus' ? AV_SAMPLE_FMT_FLT : AV_SAMPLE_FMT_FLTP;
    context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    context.bitRate = BigInt(bitrateKbps * 1000);
    context.timeBase = new Rational(1, RATE);
    // A frame of MP3 that leans on the one before could not be put behind another process's frames.
    const options = Dictionary.fromObject(
      kind === 'opus' ? { frame_duration: '20', application: 'audio', compression_level: '5' } : { reservoir: '0' },
    );
    try {
      FFmpegError.throwIfError(await context.open2(codec, options), `open ${kind}`);
    } finally {
      options.free();
    }
    return new SoundEncoder(kind, context);
  }

  /** Samples that an Opus decoder has to drop at the beginning: the encoder's header says it (RFC 7845, 5.1). */
  get preSkip(): number {
    return this.#context.extraData?.readUInt16LE(10) ?? 0;
  }

  /** @param block left then right, -1 to 1 @returns frames that came out */
  encode(block: Float32Array): Buffer[] {
    const count = block.length / 2;
    const out: Buffer[] = [];
    for (let at = 0; at < count; ) {
      const take = Math.min(count - at, this.frameSamples - this.#filled);
      this.#left.set(block.subarray(at, at + take), this.#filled);
      this.#right.set(block.subarray(count + at, count + at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === this.frameSamples) out.push(...this.#flush());
    }
    return out;
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  #flush(): Buffer[] {
    this.#filled = 0;
    const bytes = Buffer.alloc(this.frameSamples * 8);
    const samples = new Float32Array(bytes.buffer, bytes.byteOffset, this.frameSamples * 2);
    if (this.kind === 'mp3') {
      samples.set(this.#left);
      samples.set(this.#right, this.frameSamples);
    } else {
      for (let i = 0; i < this.frameSamples; i++) {
        samples[2 * i] = this.#left[i] ?? 0;
        samples[2 * i + 1] = this.#right[i] ?? 0;
      }
    }
    const frame = Frame.fromAudioBuffer(bytes, {
      nbSamples: this.frameSamples,
      format: this.kind === 'mp3' ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_FLT,
      sampleRate: RATE,
      channelLayout: AV_CHANNEL_LAYOUT_STEREO,
      timeBase: { num: 1, den: RATE },
      pts: this.#pts,
    });
    this.#pts += BigInt(this.frameSamples);
    try {
      FFmpegError.throwIfError(this.#context.sendFrameSync(frame), 'encode sound');
    } finally {
      frame.free();
    }
    const out: Buffer[] = [];
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const { data } = this.#packet;
      if (data) out.push(Buffer.from(data));
      this.#packet.unref();
    }
    return out;
  }
}
