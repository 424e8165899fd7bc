import type { ExtraWords } from '../core/extra-words.ts';
import type { PlayerCommand } from '../core/keymap.ts';
import type { Playback } from '../element/playback.ts';
import type { Skin } from '../element/skin.ts';

/** What the extras are given of the element they belong to. */
export type ExtrasContext = {
  host: HTMLElement;
  root: ShadowRoot;
  skin: Skin;
  video: HTMLVideoElement;
  /** BCP 47. */
  language: string;
  obey(command: PlayerCommand): void;
};

/** What each part of the extras works with; `playback` changes when the element is given another show. */
export type Desk = ExtrasContext & {
  words: ExtraWords;
  playback: Playback | null;
  /** Aborted when the element leaves the page. */
  signal: AbortSignal;
};
