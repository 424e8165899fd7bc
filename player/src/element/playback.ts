import { startBeat } from '../beacon/beat.ts';
import { type QualityWatch, watchQuality } from '../beacon/watch-quality.ts';
import {
  FIRST_STATUS,
  type PlayerStatus,
  type Quality,
  retryDelayMs,
  type ShowState,
  saverQuality,
  waitDelayMs,
} from '../core/phase.ts';
import { type EngineFailure, recoveryFor } from '../core/recovery.ts';
import type { Word } from '../core/words.ts';
import type { Engine, EngineEvents } from '../hls/engine.ts';
import { openHlsEngine, preloadEngine } from '../hls/hls-engine.ts';
import { type LiveSteering, steerLive } from '../hls/live-steering.ts';
import { openNativeEngine } from '../hls/native-engine.ts';
import { Playhead } from './playhead.ts';
import { createServerClock } from './server-clock.ts';
import { askShowState, besidePlaylist, type ShowFacts } from './show-state.ts';

export type PlaybackOptions = {
  video: HTMLVideoElement;
  src: string;
  autoplay: boolean;
  /** What the page's server knew of the show: saves asking the origin before the first load. */
  knownState?: ShowState;
  /** The word of a problem or phase, in the viewer's language. */
  say(word: Word): string;
  onStatus(status: PlayerStatus): void;
  /** Autoplay with sound was refused and playback went on muted. */
  onForcedMute(): void;
};

/** While a show is live, the origin is asked this often whether its host is there. */
const HOST_CHECK_MS = 5_000;

/**
 * One show in one video element: waits until it begins, plays it, comes back after every failure that may pass, and says what is going on.
 * Knows no buttons. `close` ends everything it started.
 */
export class Playback {
  status: PlayerStatus = FIRST_STATUS;
  readonly #o: PlaybackOptions;
  readonly #closing = new AbortController();
  /** The origin's clock, ms since 1970; null until it is known. */
  readonly serverNowMs: () => number | null;
  readonly #quality: QualityWatch;
  readonly #playhead: Playhead;
  #engine: Engine | null = null;
  #steering: LiveSteering | null = null;
  #stopBeat: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #mends: number[] = [];
  #wantsPlay: boolean;
  /** The sound's own list while only the sound is wanted. */
  #audioUrl: string | null = null;
  #hostTimer: ReturnType<typeof setInterval>;

  constructor(options: PlaybackOptions) {
    this.#o = options;
    this.#wantsPlay = options.autoplay;
    this.serverNowMs = createServerClock(this.beside('time'), this.#closing.signal);
    this.status = { ...FIRST_STATUS, muted: options.video.muted, volume: options.video.volume };
    this.#quality = watchQuality(
      options.video,
      {
        engine: () => this.#engine?.name ?? 'hls.js',
        behindS: () => (this.status.live && this.status.following ? this.status.behindS : null),
      },
      this.#closing.signal,
    );
    this.#playhead = new Playhead({
      video: options.video,
      engine: () => this.#engine,
      steering: () => this.#steering,
      status: () => this.status,
      onFollowing: (following) => this.#set({ following }),
    });
    if (options.autoplay) this.#quality.wanted();
    this.#listen();
    this.#hostTimer = setInterval(() => void this.#askForHost(), HOST_CHECK_MS);
    void preloadEngine().catch(() => {});
    void (options.knownState === 'live' || options.knownState === 'ended' ? this.#open() : this.#look());
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
    clearInterval(this.#hostTimer);
    this.#closeEngine();
    this.#stopBeat?.();
  }

  play(): void {
    this.#wantsPlay = true;
    this.#quality.wanted();
    if (this.status.phase === 'ended') this.#playhead.toStart();
    if (this.status.phase === 'failed') {
      this.#attempt = 0;
      void this.#look();
      return;
    }
    void this.#start();
  }

  pause(): void {
    this.#wantsPlay = false;
    this.#o.video.pause();
    this.#set({ following: false });
  }

  seek(toS: number): void {
    this.#playhead.seek(toS);
  }

  goLive(): void {
    if (this.#playhead.toEdge()) this.play();
  }

  replay(): void {
    this.#playhead.toStart();
    this.play();
  }

  /** Choosing a quality ends the sound-only mode. */
  setQuality(id: string): void {
    this.#set({ quality: id });
    if (this.status.audioOnly) void this.setAudioOnly(false);
    else this.#engine?.setQuality(id);
  }

  /** Automatic quality keeps to what spares a data plan, or is free again. */
  setSaver(saver: boolean): void {
    this.#set({ saver });
    this.#applyCap();
  }

  /** Fetches the sound alone, or picture and sound again, at the same place of the show. */
  async setAudioOnly(audioOnly: boolean): Promise<void> {
    if (audioOnly === this.status.audioOnly) return;
    const url = audioOnly ? (this.#engine?.audioUrl() ?? null) : null;
    if (audioOnly && url === null) return;
    this.#playhead.keep();
    this.#audioUrl = url;
    this.#set({ audioOnly, playingQuality: null });
    await this.#open();
  }

  /** Speed of a recording or of the DVR window; at the live edge the speed is the steering's. */
  setRate(rate: number): void {
    if (!(this.status.live && this.status.following)) this.#o.video.playbackRate = rate;
  }

  /** What the engine and the steering know, for the stats panel and for previews. */
  get engine(): Engine | null {
    return this.#engine;
  }
  get steering(): LiveSteering | null {
    return this.#steering;
  }
  /** Address of a file beside the show's playlist. */
  beside(name: string): string {
    return besidePlaylist(this.#o.src, name);
  }

  #applyCap(): void {
    if (this.status.audioOnly) return;
    this.#engine?.setCap(this.status.saver ? (saverQuality(this.status.qualities)?.id ?? null) : null);
  }

  /** Asks what the show is doing and acts on it; asks again while it has not begun. */
  async #look(): Promise<void> {
    const answer = await askShowState(this.#o.src, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    if (answer.kind === 'forbidden') return this.#giveUp('forbidden');
    if (answer.kind === 'unreachable') return this.#comeBack('unreachable');
    this.#noteShow(answer);
    if (answer.state === 'waiting') {
      this.#closeEngine();
      this.#set({ phase: 'waiting', problem: null });
      return this.#later(waitDelayMs(this.#attempt++));
    }
    if (answer.state === 'unknown' && this.#attempt > 2) return this.#giveUp('notFound');
    if (answer.state === 'unknown') return this.#comeBack('notFound');
    await this.#open();
  }

  async #open(): Promise<void> {
    this.#closeEngine();
    const { video } = this.#o;
    const src = this.#audioUrl ?? this.#o.src;
    const events: EngineEvents = {
      onQualities: (qualities: Quality[]) => this.#noteQualities(qualities),
      onPlaying: (id: string) => {
        if (this.status.audioOnly) return;
        this.#set({ playingQuality: id, hasAudioOnly: (this.#engine?.audioUrl() ?? null) !== null });
      },
      onArrival: () => this.#steering?.noteArrival(),
      onLive: (live: boolean) => {
        if (live !== this.status.live) this.#set({ live, following: live && this.status.following });
      },
      onFailure: (failure: EngineFailure) => this.#fail(failure),
    };
    let engine: Engine | null;
    try {
      engine = (await openHlsEngine(video, src, events)) ?? openNativeEngine(video, src, events);
    } catch {
      return this.#comeBack('unreachable');
    }
    if (this.#closing.signal.aborted) return engine?.destroy();
    if (!engine) return this.#giveUp('unsupported');
    this.#engine = engine;
    this.#set({
      following: this.#playhead.willFollow,
      phase: this.status.phase === 'reconnecting' ? 'reconnecting' : 'loading',
    });
    if (engine.name === 'hls.js') {
      this.#steering = steerLive(video, {
        isFollowing: () => this.status.live && this.status.following,
        edgeS: () => engine.liveEdgeS(),
        floorS: () => engine.floorS(),
        // Without parts the list's own hold-back is kept.
        holdBackS: () => engine.holdBackS(),
        seekToLive: () => this.goLive(),
      });
    }
    if (this.#wantsPlay) await this.#start();
  }

  async #start(): Promise<void> {
    const { video } = this.#o;
    try {
      await video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      if (!video.muted) {
        video.muted = true;
        this.#o.onForcedMute();
        return this.#start();
      }
      this.#wantsPlay = false;
      this.#set({ phase: 'paused', problem: { code: 'blocked', sentence: this.#o.say('blocked') } });
    }
  }

  #fail(failure: EngineFailure): void {
    const now = performance.now();
    this.#mends = this.#mends.filter((at) => now - at < 30_000);
    this.#quality.failed(failure.kind);
    const recovery = recoveryFor(failure, this.#mends.length);
    if (recovery.do === 'give-up') return this.#giveUp(recovery.problem);
    if (failure.kind === 'media') this.#mends.push(now);
    if (recovery.do === 'mend-decoder') {
      this.#engine?.mendDecoder();
      if (this.#wantsPlay) void this.#start();
      return;
    }
    this.#comeBack(recovery.problem);
  }

  #comeBack(problem: Word): void {
    const offline = typeof navigator !== 'undefined' && navigator.onLine === false;
    const word = offline ? 'offline' : problem;
    this.#closeEngine();
    this.#set({ phase: 'reconnecting', problem: { code: word, sentence: this.#o.say(word) } });
    this.#later(retryDelayMs(this.#attempt++));
  }

  #noteQualities(qualities: Quality[]): void {
    if (this.status.audioOnly) return;
    this.#set({ qualities });
    if (this.status.saver) this.#applyCap();
    if (this.status.quality === 'auto') return;
    // A quality that is gone cannot be kept to.
    if (qualities.some(({ id }) => id === this.status.quality)) this.#engine?.setQuality(this.status.quality);
    else this.#set({ quality: 'auto' });
  }

  #noteShow({ state, title, startsAt, interrupted }: ShowFacts): void {
    if (state === 'unknown') return;
    const hostAway = interrupted && state === 'live';
    const before = this.status;
    if (before.hostAway === hostAway && before.title === title && before.startsAt === startsAt) return;
    this.#set({ hostAway, title, startsAt });
  }

  async #askForHost(): Promise<void> {
    if (!this.status.live || document.hidden || !this.#engine) return;
    const answer = await askShowState(this.#o.src, this.#closing.signal);
    if (answer.kind === 'state' && !this.#closing.signal.aborted) this.#noteShow(answer);
  }

  #giveUp(word: Word): void {
    this.#closeEngine();
    clearTimeout(this.#timer);
    this.#set({ phase: 'failed', problem: { code: word, sentence: this.#o.say(word) } });
  }

  #later(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), delayMs);
  }

  #closeEngine(): void {
    this.#playhead.keep();
    this.#steering?.stop();
    this.#steering = null;
    this.#engine?.destroy();
    this.#engine = null;
  }

  #set(change: Partial<PlayerStatus>): void {
    this.status = { ...this.status, ...change };
    this.#o.onStatus(this.status);
  }

  #listen(): void {
    const { video } = this.#o;
    const on = (name: string, handler: () => void) =>
      video.addEventListener(name, handler, { signal: this.#closing.signal });
    on('loadeddata', () => this.#playhead.goBack());
    on('playing', () => {
      this.#attempt = 0;
      this.#stopBeat ??= startBeat(besidePlaylist(this.#o.src, 'beat'), () => this.#quality.take());
      this.#set({ phase: 'playing', problem: null });
    });
    on('pause', () => {
      if (!video.ended && this.#engine && !this.#wantsPlay) this.#set({ phase: 'paused' });
    });
    on('waiting', () => {
      if (this.status.phase !== 'playing' || video.seeking) return;
      this.#steering?.noteStall();
      this.#set({ phase: 'stalled', stalls: this.status.stalls + 1 });
    });
    on('ended', () => {
      this.#wantsPlay = false;
      this.#set({ phase: 'ended', live: false, hostAway: false, problem: null });
    });
    on('volumechange', () => this.#set({ muted: video.muted, volume: video.volume }));
    on('timeupdate', () => this.#set({ behindS: this.#playhead.behindS }));
    addEventListener('online', () => this.status.phase === 'reconnecting' && this.#later(0), {
      signal: this.#closing.signal,
    });
    document.addEventListener('visibilitychange', () => this.#onVisible(), { signal: this.#closing.signal });
  }

  /** A tab that was in the background may have been frozen far behind the edge. */
  #onVisible(): void {
    if (document.hidden || !this.status.live || !this.status.following || this.status.phase === 'paused') return;
    if (this.#playhead.isFarBehind) this.goLive();
  }
}
