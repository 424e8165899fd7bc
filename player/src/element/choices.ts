import { type PlayerStatus, type Quality, saverQuality } from '../core/phase.ts';
import type { Engine } from '../hls/engine.ts';

export type ChoicesSurroundings = {
  video: HTMLVideoElement;
  engine(): Engine | null;
  status(): PlayerStatus;
  set(change: Partial<PlayerStatus>): void;
  /** Opens the show again, at the same place. */
  reopen(): Promise<void>;
};

/** What a viewer chose of how the show is fetched and played. */
export class Choices {
  readonly #at: ChoicesSurroundings;
  /** The sound's own list while only the sound is wanted. */
  audioUrl: string | null = null;

  constructor(surroundings: ChoicesSurroundings) {
    this.#at = surroundings;
  }

  /** Choosing a quality ends the sound-only mode. */
  setQuality(id: string): void {
    this.#at.set({ quality: id });
    if (this.#at.status().audioOnly) void this.setAudioOnly(false);
    else this.#at.engine()?.setQuality(id);
  }

  /** Automatic quality keeps to what spares a data plan, or is free again. */
  setSaver(saver: boolean): void {
    this.#at.set({ saver });
    this.#applyCap();
  }

  /** Fetches the sound alone, or picture and sound again, at the same place of the show. */
  async setAudioOnly(audioOnly: boolean): Promise<void> {
    if (audioOnly === this.#at.status().audioOnly) return;
    const url = audioOnly ? (this.#at.engine()?.audioUrl() ?? null) : null;
    if (audioOnly && url === null) return;
    this.audioUrl = url;
    this.#at.set({ audioOnly, playingQuality: null });
    await this.#at.reopen();
  }

  /** Speed of a recording or of the DVR window; at the live edge the speed is the steering's. */
  setRate(rate: number): void {
    const { live, following } = this.#at.status();
    if (!(live && following)) this.#at.video.playbackRate = rate;
  }

  /** The engine has read what there is to choose from. */
  noteQualities(qualities: Quality[]): void {
    const { audioOnly, saver, quality } = this.#at.status();
    if (audioOnly) return;
    this.#at.set({ qualities });
    if (saver) this.#applyCap();
    if (quality === 'auto') return;
    // A quality that is gone cannot be kept to.
    if (qualities.some(({ id }) => id === quality)) this.#at.engine()?.setQuality(quality);
    else this.#at.set({ quality: 'auto' });
  }

  #applyCap(): void {
    const { audioOnly, saver, qualities } = this.#at.status();
    if (audioOnly) return;
    this.#at.engine()?.setCap(saver ? (saverQuality(qualities)?.id ?? null) : null);
  }
}
