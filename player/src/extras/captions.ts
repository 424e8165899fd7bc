import { type CaptionStyle, captionProperties, readCaptionStyle } from '../core/caption-style.ts';
import { keep, readKept } from '../element/kept.ts';
import { make } from '../element/skin.ts';
import type { Desk } from './context.ts';

const CHOICE_KEY = 'openair-captions';
const STYLE_KEY = 'openair-caption-style';
const OFF = 'off';

export type Captions = {
  /** Captions and subtitles that there are: side-loaded (`<track>` in the video) and in-band alike. */
  tracks(): TextTrack[];
  chosen(): TextTrack | null;
  choose(track: TextTrack | null): void;
  toggle(): void;
  readonly style: CaptionStyle;
  setStyle(style: CaptionStyle): void;
  onChange(listener: () => void): void;
  remove(): void;
};

/**
 * Captions are drawn here and not by the browser: in the viewer's own style, above the controls, the same everywhere. The chosen track is
 * `hidden` (cues come, nothing is drawn); only where the system takes the picture over does the browser draw.
 */
export function createCaptions(desk: Desk): Captions {
  const { video, root, signal } = desk;
  const list = video.textTracks;
  const box = make('div', 'captions');
  box.part.add('caption');
  root.append(box);
  let style = readCaptionStyle(readKept(STYLE_KEY));
  let chosen: TextTrack | null = null;
  let listeners: (() => void)[] = [];
  let system = false;
  applyStyle();

  const tracks = () => Array.from(list).filter(({ kind }) => kind === 'captions' || kind === 'subtitles');

  function applyStyle(): void {
    for (const [name, value] of Object.entries(captionProperties(style))) box.style.setProperty(name, value);
  }

  function setModes(): void {
    for (const track of tracks()) {
      const mode = track !== chosen ? 'disabled' : system ? 'showing' : 'hidden';
      if (track.mode !== mode) track.mode = mode;
    }
  }

  function draw(): void {
    const cues = system ? [] : Array.from(chosen?.activeCues ?? []);
    box.replaceChildren(
      ...cues.map((cue) => {
        const line = make('div', 'cue');
        if (!(cue instanceof VTTCue)) return line;
        line.append(cue.getCueAsHTML());
        line.dir = 'auto';
        line.classList.toggle('top', isAtTop(cue));
        return line;
      }),
    );
  }

  function choose(track: TextTrack | null): void {
    chosen?.removeEventListener('cuechange', draw);
    chosen = track;
    chosen?.addEventListener('cuechange', draw);
    setModes();
    draw();
    for (const listener of listeners) listener();
  }

  /** What the viewer wanted last time, else what the page marked as default. */
  function lookAgain(): void {
    if (chosen && !tracks().includes(chosen)) choose(null);
    if (!chosen) {
      const wanted = readKept(CHOICE_KEY);
      const byHand =
        wanted === null || wanted === OFF ? undefined : tracks().find(({ language }) => language === wanted);
      const marked = wanted === OFF ? undefined : tracks().find(({ mode }) => mode === 'showing');
      const track = byHand ?? marked;
      if (track) return choose(track);
    }
    setModes();
    for (const listener of listeners) listener();
  }

  for (const name of ['addtrack', 'removetrack']) list.addEventListener(name, lookAgain, { signal });
  for (const [name, taken] of [
    ['webkitbeginfullscreen', true],
    ['webkitendfullscreen', false],
  ] as const) {
    video.addEventListener(
      name,
      () => {
        system = taken;
        setModes();
        draw();
      },
      { signal },
    );
  }
  lookAgain();

  const chooseByHand = (track: TextTrack | null) => {
    keep(CHOICE_KEY, track ? track.language : OFF);
    choose(track);
  };
  return {
    tracks,
    chosen: () => chosen,
    choose: chooseByHand,
    toggle() {
      const wanted = readKept(CHOICE_KEY);
      const all = tracks();
      chooseByHand(chosen ? null : (all.find(({ language }) => language === wanted) ?? byLanguage(all, desk.language)));
    },
    get style() {
      return style;
    },
    setStyle(next) {
      style = next;
      keep(STYLE_KEY, JSON.stringify(style));
      applyStyle();
    },
    onChange(listener) {
      listeners = [...listeners, listener];
    },
    remove() {
      chosen?.removeEventListener('cuechange', draw);
      listeners = [];
      box.remove();
    },
  };
}

function byLanguage(tracks: TextTrack[], language: string): TextTrack | null {
  const short = language.slice(0, 2).toLowerCase();
  return tracks.find((track) => track.language.toLowerCase().startsWith(short)) ?? tracks[0] ?? null;
}

/** Placed in the upper half by its author, so as not to cover something. */
function isAtTop(cue: VTTCue): boolean {
  if (typeof cue.line !== 'number') return false;
  return cue.snapToLines ? cue.line >= 0 && cue.line < 7 : cue.line < 50;
}
