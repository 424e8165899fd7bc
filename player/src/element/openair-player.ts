import { commandForKey, type PlayerCommand } from '../core/keymap.ts';
import type { PlayerStatus, ShowState } from '../core/phase.ts';
import { type Words, wordsFor } from '../core/words.ts';
import { icons } from './icons.ts';
import { paint, paintPosition } from './paint.ts';
import { Playback } from './playback.ts';
import { buildSkin, relabel, type Skin } from './skin.ts';
import { STYLE } from './style.ts';

const QUIET_AFTER_MS = 2_500;
const VOLUME_KEY = 'openair-volume';

/**
 * `<openair-player src="https://…/play/{playbackId}/index.m3u8" autoplay muted title poster lang state>`; `state` is `live` or `ended` when the
 * page's server knows it.
 *
 * Plays a show while it is live and its recording after; waits for one that has not begun. Its `<video>` lies in the light DOM, so that pages and
 * password managers, extensions and scripts find it. Dispatches `openair-status` with a `PlayerStatus` as detail.
 */
export class OpenairPlayerElement extends HTMLElement {
  static observedAttributes = ['src', 'poster', 'title', 'muted'];
  #playback: Playback | null = null;
  #skin: Skin | null = null;
  #words: Words = wordsFor('en');
  #video: HTMLVideoElement | null = null;
  #listening = new AbortController();
  #quietTimer: ReturnType<typeof setTimeout> | undefined;

  /** What is going on, or null before a `src` is set. */
  get status(): PlayerStatus | null {
    return this.#playback?.status ?? null;
  }

  get video(): HTMLVideoElement | null {
    return this.#video;
  }

  play(): void {
    this.#playback?.play();
  }
  pause(): void {
    this.#playback?.pause();
  }
  goLive(): void {
    this.#playback?.goLive();
  }

  connectedCallback(): void {
    this.#listening = new AbortController();
    this.#words = wordsFor(this.lang || document.documentElement.lang || navigator.language);
    this.#video = this.#findOrMakeVideo();
    if (!this.#skin) this.#dress();
    this.#listen();
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#playback?.close();
    this.#playback = null;
    this.#listening.abort();
    clearTimeout(this.#quietTimer);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after || !this.#skin) return;
    if (name === 'src') this.#restart();
    else if (name === 'muted' && this.#video) this.#video.muted = after !== null;
    else this.#paintFixed();
  }

  #findOrMakeVideo(): HTMLVideoElement {
    const video = this.querySelector('video') ?? this.appendChild(document.createElement('video'));
    video.slot = 'media';
    video.playsInline = true;
    video.preload = 'auto';
    video.controls = false;
    video.tabIndex = -1;
    video.muted = this.hasAttribute('muted');
    const kept = Number(readKept(VOLUME_KEY) ?? 'NaN');
    if (kept > 0 && kept <= 1) video.volume = kept;
    return video;
  }

  #dress(): void {
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    // An adopted sheet, not a style element: a page's Content-Security-Policy does not forbid it.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    const slot = document.createElement('slot');
    slot.name = 'media';
    this.#skin = buildSkin(this.#words);
    shadow.replaceChildren(slot, this.#skin.root);
    this.tabIndex = Math.max(0, this.tabIndex);
    this.setAttribute('role', 'region');
    if (!this.hasAttribute('aria-label')) this.setAttribute('aria-label', this.#words.player);
    this.#paintFixed();
  }

  #paintFixed(): void {
    const skin = this.#skin;
    if (!skin) return;
    const poster = this.getAttribute('poster');
    skin.poster.style.backgroundImage = poster ? `url(${JSON.stringify(poster)})` : '';
    const title = this.getAttribute('title') ?? '';
    skin.title.textContent = title;
    skin.title.hidden = title === '';
    skin.pip.hidden = !('pictureInPictureEnabled' in document && document.pictureInPictureEnabled);
    skin.fullscreen.hidden = !document.fullscreenEnabled;
  }

  #restart(): void {
    this.#playback?.close();
    this.#playback = null;
    const src = this.getAttribute('src');
    if (!src || !this.#video) return;
    this.#playback = new Playback({
      video: this.#video,
      src,
      autoplay: this.hasAttribute('autoplay'),
      knownState: this.#takeKnownState(),
      say: (word) => this.#words[word],
      onStatus: (status) => this.#show(status),
      onForcedMute: () => {},
    });
    this.#show(this.#playback.status);
  }

  /** The page's knowledge is as old as the page: good for the first load only. */
  #takeKnownState(): ShowState | undefined {
    const known = this.getAttribute('state');
    this.removeAttribute('state');
    return known === 'live' || known === 'ended' ? known : undefined;
  }

  #show(status: PlayerStatus): void {
    const skin = this.#skin;
    const video = this.#video;
    if (!skin || !video) return;
    paint(skin, status, this.#words, video.readyState >= 2);
    paintPosition(skin, status, video, status.behindS === null ? null : video.currentTime + status.behindS);
    if (status.phase !== 'playing') this.#stir();
    this.dispatchEvent(new CustomEvent<PlayerStatus>('openair-status', { detail: status }));
  }

  #listen(): void {
    const skin = this.#skin;
    const video = this.#video;
    if (!skin || !video) return;
    const signal = this.#listening.signal;
    const click = (target: HTMLElement, command: PlayerCommand) =>
      target.addEventListener('click', () => this.#obey(command), { signal });
    click(skin.play, { do: 'toggle-play' });
    click(skin.mute, { do: 'toggle-mute' });
    click(skin.unmute, { do: 'toggle-mute' });
    click(skin.badge, { do: 'go-live' });
    click(skin.fullscreen, { do: 'toggle-fullscreen' });
    click(video, { do: 'toggle-play' });
    video.addEventListener('dblclick', () => this.#obey({ do: 'toggle-fullscreen' }), { signal });
    skin.action.addEventListener('click', () => this.#playback?.play(), { signal });
    skin.pip.addEventListener('click', () => void togglePictureInPicture(video), { signal });
    skin.quality.addEventListener('change', () => this.#playback?.setQuality(skin.quality.value), { signal });
    skin.volume.addEventListener('input', () => this.#setVolume(Number(skin.volume.value)), { signal });
    skin.position.addEventListener('change', () => this.#playback?.seek(Number(skin.position.value)), { signal });
    this.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    for (const name of ['pointermove', 'pointerdown', 'focusin']) {
      this.addEventListener(name, () => this.#stir(), { signal });
    }
    document.addEventListener('fullscreenchange', () => this.#onFullscreen(), { signal });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const origin = event.composedPath()[0];
    const onControl = origin instanceof HTMLInputElement || origin instanceof HTMLSelectElement;
    const onButton = origin instanceof HTMLButtonElement && (event.key === ' ' || event.key === 'Enter');
    if (onControl || onButton) return;
    const command = commandForKey(event.key);
    if (!command) return;
    event.preventDefault();
    this.#stir();
    this.#obey(command);
  }

  #obey(command: PlayerCommand): void {
    const video = this.#video;
    const playback = this.#playback;
    if (!video || !playback) return;
    switch (command.do) {
      case 'toggle-play':
        return video.paused || playback.status.phase === 'ended' ? playback.play() : playback.pause();
      case 'toggle-mute':
        video.muted = !video.muted;
        if (!video.muted && video.volume === 0) video.volume = 0.5;
        return;
      case 'toggle-fullscreen':
        return void (document.fullscreenElement === this ? document.exitFullscreen() : this.requestFullscreen()).catch(
          () => {},
        );
      case 'go-live':
        return playback.goLive();
      case 'go-start':
        return playback.seek(0);
      case 'seek-by':
        return playback.seek(video.currentTime + command.seconds);
      case 'volume-by':
        return this.#setVolume(video.volume + command.amount);
      case 'seek-to-share': {
        if (video.seekable.length === 0) return;
        const start = video.seekable.start(0);
        return playback.seek(start + (video.seekable.end(0) - start) * command.share);
      }
      case 'help':
        return this.#showHelp();
    }
  }

  #showHelp(): void {
    const skin = this.#skin;
    if (!skin) return;
    skin.message.textContent = this.#words.helpText;
    skin.message.hidden = false;
  }

  #setVolume(volume: number): void {
    const video = this.#video;
    if (!video) return;
    video.volume = Math.min(1, Math.max(0, volume));
    video.muted = video.volume === 0;
    if (video.volume > 0) keep(VOLUME_KEY, String(video.volume));
  }

  #onFullscreen(): void {
    const skin = this.#skin;
    if (!skin) return;
    const full = document.fullscreenElement === this;
    relabel(
      skin.fullscreen,
      full ? icons.leaveFullscreen : icons.fullscreen,
      full ? this.#words.exitFullscreen : this.#words.fullscreen,
    );
  }

  /** Shows the controls; hides them again when nothing happens while playing. */
  #stir(): void {
    this.removeAttribute('quiet');
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => {
      if (this.#playback?.status.phase === 'playing') this.setAttribute('quiet', '');
    }, QUIET_AFTER_MS);
  }
}

async function togglePictureInPicture(video: HTMLVideoElement): Promise<void> {
  try {
    await (document.pictureInPictureElement === video
      ? document.exitPictureInPicture()
      : video.requestPictureInPicture());
  } catch {
    // The browser said no (no picture yet, or not allowed in this frame): nothing is lost.
  }
}

/** Storage may be blocked in foreign frames. */
function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A volume that is not remembered is no failure.
  }
}
