import { OggOpusWriter } from './ogg.ts';
import { SoundEncoder } from './sound-encoder.ts';
import type { Take } from './take.ts';

const RATE = 48_000;
const BLOCK = 1024;
/** Longer breaks are not filled: the time to encode so much silence would be felt at the restart. */
const LONGEST_BREAK_S = 600;

/** OGG (Opus) or MP3 of the program's sound, written as it is heard. */
export class SoundFile {
  readonly #encoder: SoundEncoder;
  readonly #put: (frame: Buffer) => void;
  readonly #end: () => void;

  private constructor(encoder: SoundEncoder, put: (frame: Buffer) => void, end: () => void) {
    this.#encoder = encoder;
    this.#put = put;
    this.#end = end;
  }

  /** Behind what an earlier process left comes the silence of the time in between, so that the file keeps true time. */
  static async open(
    kind: 'ogg' | 'mp3',
    { take, bitrateKbps, nowMs }: { take: Take; bitrateKbps: number; nowMs: number },
    onFull: (error: unknown) => void,
  ): Promise<SoundFile> {
    const encoder = await SoundEncoder.open(kind === 'ogg' ? 'opus' : 'mp3', bitrateKbps);
    const appender = take.append(kind, onFull);
    const write = (bytes: Buffer) => appender.write(bytes);
    const ogg = kind === 'ogg' ? new OggOpusWriter(take.epoch, encoder.preSkip, write) : null;
    const put = ogg ? (frame: Buffer) => ogg.add(frame, encoder.frameSamples) : write;
    const file = new SoundFile(encoder, put, () => ogg?.end());
    const breakS = take.lastWriteMs === null ? 0 : Math.min(LONGEST_BREAK_S, (nowMs - take.lastWriteMs) / 1000);
    for (let samples = 0; samples < breakS * RATE; samples += BLOCK) file.sound(new Float32Array(2 * BLOCK));
    return file;
  }

  sound(block: Float32Array): void {
    for (const frame of this.#encoder.encode(block)) this.#put(frame);
  }

  finish(): void {
    this.#end();
    this.#encoder.close();
  }
}
