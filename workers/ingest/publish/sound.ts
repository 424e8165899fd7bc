import { type AudioCodec, type AudioTag, parseAacConfig } from './flv.ts';
import type { OpusEncoder } from './opus.ts';
import { SoundClock } from './sound-clock.ts';
import { SoundDecoder } from './sound-decoder.ts';
import { SoundLevel } from './sound-level.ts';

export type SoundFacts = { codec: string; sampleRate: number; channels: number };

/**
 * The sound of one ingest: whatever the encoder sends becomes Opus on the output clock, and silence where there is none. The track
 * is there from the start to the end, so an encoder without sound, or a gap of the encoder, needs no renegotiation.
 */
export class SoundPath {
  private readonly clock: SoundClock;
  private decoder: SoundDecoder | null = null;
  private decoding = '';
  private readonly otherTracks = new Set<number>();
  facts: SoundFacts | null = null;
  readonly level = new SoundLevel();

  constructor(
    private readonly opus: OpusEncoder,
    private readonly options: {
      write(opus: Buffer, ptsSamples: number): void;
      log(level: 'warn' | 'error', text: string): void;
    },
  ) {
    this.clock = new SoundClock((pcm, ptsSamples) => {
      const packet = opus.encode(pcm);
      if (packet) options.write(packet, ptsSamples);
    });
  }

  /** @param atMs place on the output clock */
  push(tag: AudioTag, atMs: number): void {
    if (tag.track !== 0) {
      this.otherTracks.add(tag.track);
      return;
    }
    if (tag.kind === 'other') return;
    if (tag.codec === 'other') {
      this.note(`The sound's format (${tag.codecName}) is not supported: set the encoder to AAC.`);
      this.facts = { codec: tag.codecName, sampleRate: 0, channels: 0 };
      return;
    }
    if (tag.kind === 'config') {
      this.open(tag.codec, tag.data, tag.codecName);
      return;
    }
    if (this.decoder === null && tag.codec === 'mp3') this.open('mp3', null, tag.codecName);
    const pcm = this.decoder?.decode(tag.data);
    if (!pcm || pcm.length === 0) return;
    if (this.facts && this.decoder && this.facts.sampleRate === 0) {
      this.facts = { ...this.facts, sampleRate: this.decoder.sampleRate, channels: this.decoder.channels };
    }
    this.level.add(pcm);
    this.clock.push(pcm, atMs);
  }

  /** Sound tracks that the encoder sends; only the main one is heard. */
  get trackCount(): number {
    return this.facts ? 1 + this.otherTracks.size : 0;
  }

  /** @param nowMs output clock */
  tick(nowMs: number): void {
    this.clock.fill(nowMs);
  }

  /** A new connection brings its own configuration. */
  encoderChanged(): void {
    this.clock.begin();
    this.decoder?.close();
    this.decoder = null;
    this.decoding = '';
    this.otherTracks.clear();
    this.level.take();
    this.facts = null;
  }

  close(): void {
    this.decoder?.close();
    this.opus.close();
  }

  private open(codec: Exclude<AudioCodec, 'other'>, config: Buffer | null, codecName: string): void {
    const wanted = `${codec}/${config?.toString('base64') ?? ''}`;
    if (wanted === this.decoding) return;
    this.decoder?.close();
    this.decoder = null;
    this.decoding = wanted;
    const told = codec === 'aac' && config ? parseAacConfig(config) : null;
    this.facts = { codec: codecName, sampleRate: told?.sampleRate ?? 0, channels: told?.channels ?? 0 };
    try {
      this.decoder = new SoundDecoder(codec, config);
    } catch (error) {
      this.options.log('error', `sound decoder: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private noted = '';
  private note(text: string): void {
    if (text === this.noted) return;
    this.noted = text;
    this.options.log('warn', text);
  }
}
