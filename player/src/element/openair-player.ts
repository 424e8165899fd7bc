import { commandForKey, isExtra, type PlayerCommand } from '../core/keymap.ts';
import type { PlayerStatus, ShowState } from '../core/phase.ts';
import { type Words, wordsFor } from '../core/words.ts';
import type { Extras } from '../extras/extras.ts';
import { icons } from './icons.ts';
import { keep, readKept } from './kept.ts';
import { paint, paintCountdown, paintPosition } from './paint.ts';
import { Playback } from './playback.ts';
import { buildSkin, relabel, type Skin } from './skin.ts';
import { STYLE } from './style.ts';

const QUIET_AFTER_MS = 2_500;
const SECOND_MS = 1_000;
/** After the first picture, so that nothing stands in its way. */
const EXTRAS_AFTER_MS = 400;
const VOLUME_KEY = 'openair-volume';

/**
 * `<openair-player src="https://…/play/{playbackId}/index.m3u8" autoplay muted title poster lang state>`; `state` is `live` or `ended` when the
 * page's server knows it, `seats` the address where the lowest delay is asked for (`…/api/v1/broadcasts/{id}/seats`),
 * `uncounted` that whoever looks is no viewer (a host's own preview), `theatre` (`on`, `off`) that the page has a theatre mode: it hears `openair-theatre`, and may take `openair-fullscreen` over.
 *
 * Plays a show while it is live and its recording after; waits for one that has not begun. Its `<video>` lies in the light DOM, so that pages and
 * password managers, extensions and scripts find it. Dispatches `openair-status` with a `PlayerStatus` as detail.
 */
export class OpenairPlayerElement extends HTMLElement {
  static observedAttributes = ['src', 'poster', 'title', 'muted', 'theatre'];
  #playback: Playback | null = null;
  #skin: Skin | null = null;
  #words: Words = wordsFor('en');
  #video: HTMLVideoElement | null = null;
  #listening = new AbortController();
  #quietTimer: ReturnType<typeof setTimeout> | undefined;
  #extrasTimer: ReturnType<typeof setTimeout> | undefined;
  #countdownTimer: ReturnType<typeof setInterval> | undefined;
  #extras: Promise<Extras | null> | null = null;
  #language = 'en';
  #wokenByTouch = false;

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
  /** @param toS media seconds, as in `video.currentTime` */
  seek(toS: number): void {
    this.#playback?.seek(toS);
  }
  /** @param id `auto` or the id of one of `status.qualities` */
  setQuality(id: string): void {
    this.#playback?.choices.setQuality(id);
  }
  setDataSaver(on: boolean): void {
    this.#playback?.choices.setSaver(on);
  }
  setAudioOnly(on: boolean): void {
    void this.#playback?.choices.setAudioOnly(on);
  }
  /** Watches over WebRTC while the server has a seat; only where the page offers them (`seats`). */
  setLowestDelay(on: boolean): void {
    void this.#playback?.setLowestDelay(on);
  }
  /** Carries out what a key would. */
  command(command: PlayerCommand): void {
    this.#obey(command);
  }

  connectedCallback(): void {
    this.#listening = new AbortController();
    this.#language = this.lang || document.documentElement.lang || navigator.language;
    this.#words = wordsFor(this.#language);
    this.#video = this.#findOrMakeVideo();
    if (!this.#skin) this.#dress();
    this.#listen();
    this.#takeLateVideo(this.#video);
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#playback?.close();
    this.#playback = null;
    this.#listening.abort();
    clearTimeout(this.#quietTimer);
    clearTimeout(this.#extrasTimer);
    this.#extrasTimer = undefined;
    clearInterval(this.#countdownTimer);
    this.#countdownTimer = undefined;
    void this.#extras?.then((extras) => extras?.close());
    this.#extras = null;
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after || !this.#skin) return;
    if (name === 'src') this.#restart();
    else if (name === 'muted' && this.#video) this.#video.muted = after !== null;
    else if (name === 'theatre' && this.#playback) this.#show(this.#playback.status);
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

  /**
   * Where our script runs while the page is still read, the element comes to life before its children are there: the video that then
   * arrives would lie over ours. Its captions are ours, itself it goes.
   */
  #takeLateVideo(own: HTMLVideoElement): void {
    const { signal } = this.#listening;
    const take = () => {
      for (const late of this.querySelectorAll('video')) {
        if (late === own) continue;
        late.removeAttribute('slot');
        own.append(...late.querySelectorAll('track'));
        // Its tracks may still be on their way.
        if (document.readyState !== 'loading') late.remove();
      }
    };
    const watch = new MutationObserver(take);
    watch.observe(this, { childList: true, subtree: true });
    document.addEventListener('DOMContentLoaded', take, { signal });
    signal.addEventListener('abort', () => watch.disconnect());
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
    skin.fullscreen.hidden = !document.fullscreenEnabled && !(this.#video && 'webkitEnterFullscreen' in this.#video);
  }

  #restart(): void {
    this.#playback?.close();
    this.#playback = null;
    const src = this.getAttribute('src');
    if (!src || !this.#video || !this.#skin) return;
    this.#playback = new Playback({
      video: this.#video,
      src,
      autoplay: this.hasAttribute('autoplay'),
      seats: this.getAttribute('seats'),
      counted: !this.hasAttribute('uncounted'),
      cover: this.#skin.poster,
      knownState: this.#takeKnownState(),
      say: (word) => this.#words[word],
      onStatus: (status) => this.#show(status),
      onForcedMute: () => {},
    });
    this.#show(this.#playback.status);
    const playback = this.#playback;
    void this.#extras?.then((extras) => extras?.onPlayback(playback));
    if (this.hasAttribute('api')) void this.#loadExtras();
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
    paint(skin, status, this.#words, this.#playback?.hasPicture ?? false);
    paintPosition(skin, status, video, status.behindS === null ? null : video.currentTime + status.behindS);
    if (status.phase === 'waiting') this.#countDown();
    if (status.phase !== 'playing') this.#stir();
    if (status.phase !== 'loading') this.#extrasTimer ??= setTimeout(() => void this.#loadExtras(), EXTRAS_AFTER_MS);
    this.dispatchEvent(new CustomEvent<PlayerStatus>('openair-status', { detail: status }));
  }

  #countDown(): void {
    const tick = () => {
      const playback = this.#playback;
      if (!this.#skin || playback?.status.phase !== 'waiting') return;
      const { startsAt } = playback.status;
      // The viewer's own clock until the origin's is known.
      const nowMs = (startsAt === null ? null : playback.serverNowMs()) ?? Date.now();
      paintCountdown(this.#skin, startsAt, nowMs, { words: this.#words, language: this.#language });
    };
    tick();
    this.#countdownTimer ??= setInterval(tick, SECOND_MS);
  }

  /** The controls that are not needed for the first picture; without them (a lost connection) the others go on. */
  #loadExtras(): Promise<Extras | null> {
    const { shadowRoot } = this;
    if (!this.#skin || !this.#video || !shadowRoot) return Promise.resolve(null);
    const context = { host: this, root: shadowRoot, skin: this.#skin, video: this.#video, language: this.#language };
    this.#extras ??= import('../extras/extras.ts').then(
      ({ dressExtras }) => {
        const extras = dressExtras({ ...context, obey: (command) => this.#obey(command) });
        if (this.#playback) extras.onPlayback(this.#playback);
        return extras;
      },
      () => {
        this.#extras = null;
        return null;
      },
    );
    return this.#extras;
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
    video.addEventListener('click', () => this.#onPictureClick(), { signal });
    video.addEventListener('dblclick', () => this.#obey({ do: 'toggle-fullscreen' }), { signal });
    skin.action.addEventListener('click', () => this.#playback?.play(), { signal });
    skin.volume.addEventListener('input', () => this.#setVolume(Number(skin.volume.value)), { signal });
    skin.position.addEventListener('change', () => this.#playback?.seek(Number(skin.position.value)), { signal });
    this.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    const onPointerDown = ({ pointerType }: PointerEvent) => {
      this.#wokenByTouch = pointerType === 'touch' && this.hasAttribute('quiet');
    };
    this.addEventListener('pointerdown', onPointerDown, { signal, capture: true });
    for (const name of ['pointermove', 'pointerdown', 'focusin']) {
      this.addEventListener(name, () => this.#stir(name), { signal });
    }
    document.addEventListener('fullscreenchange', () => this.#onFullscreen(), { signal });
  }

  /** A finger's first tap only brings the controls back. */
  #onPictureClick(): void {
    if (!this.#wokenByTouch) this.#obey({ do: 'toggle-play' });
    this.#wokenByTouch = false;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const origin = event.composedPath()[0];
    const onControl =
      (origin instanceof HTMLInputElement || origin instanceof HTMLSelectElement) && event.key !== 'Escape';
    const onButton =
      origin instanceof HTMLElement && origin.matches('button, summary') && [' ', 'Enter'].includes(event.key);
    if (onControl || onButton) return;
    const command = commandForKey(event.key);
    if (!command) return;
    if (command.do !== 'close') event.preventDefault();
    this.#stir();
    this.#obey(command);
  }

  #obey(command: PlayerCommand): void {
    const video = this.#video;
    const playback = this.#playback;
    if (!video || !playback) return;
    if (isExtra(command)) return void this.#loadExtras().then((extras) => extras?.obey(command));
    switch (command.do) {
      case 'toggle-play':
        return video.paused || playback.status.phase === 'ended' ? playback.play() : playback.pause();
      case 'toggle-mute':
        video.muted = !video.muted;
        if (!video.muted && video.volume === 0) video.volume = 0.5;
        return;
      case 'toggle-fullscreen':
        return toggleFullscreen(this, video);
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
    }
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
    const full = document.fullscreenElement?.contains(this) === true;
    relabel(
      skin.fullscreen,
      full ? icons.leaveFullscreen : icons.fullscreen,
      full ? this.#words.exitFullscreen : this.#words.fullscreen,
    );
  }

  /** Shows the controls; hides them again when nothing happens while playing. */
  #stir(by?: string): void {
    if (by !== undefined) void this.#loadExtras();
    this.removeAttribute('quiet');
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => {
      if (this.#playback?.status.phase === 'playing') this.setAttribute('quiet', '');
    }, QUIET_AFTER_MS);
  }
}

/** Phones of Apple show the bare video full screen, nothing else. The browser may say no: then all stays as it is. */
function toggleFullscreen(host: HTMLElement, video: HTMLVideoElement & { webkitEnterFullscreen?: () => void }): void {
  if (!document.fullscreenEnabled) return video.webkitEnterFullscreen?.();
  // A page may show more than the player, its chat for one.
  if (!host.dispatchEvent(new CustomEvent('openair-fullscreen', { bubbles: true, cancelable: true }))) return;
  if (document.fullscreenElement === host) document.exitFullscreen().catch(() => {});
  else host.requestFullscreen().catch(() => {});
}
