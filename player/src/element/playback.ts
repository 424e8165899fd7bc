import { startBeat } from '../beacon/beat.ts';
import { type QualityWatch, watchQuality } from '../beacon/watch-quality.ts';
import {
  FIRST_STATUS,
  type PlayerStatus,
  type Quality,
  retryDelayMs,
  type ShowState,
  waitDelayMs,
} from '../core/phase.ts';
import { type EngineFailure, recoveryFor } from '../core/recovery.ts';
import type { Word } from '../core/words.ts';
import { grantIn, keepGrant } from '../grant/keep-grant.ts';
import type { Engine, EngineEvents } from '../hls/engine.ts';
import { openHlsEngine, preloadEngine } from '../hls/hls-engine.ts';
import { type LiveSteering, steeringFacts, steerLive } from '../hls/live-steering.ts';
import { openNativeEngine } from '../hls/native-engine.ts';
import type { Seating } from '../webrtc/seating.ts';
import { Choices } from './choices.ts';
import { Playhead } from './playhead.ts';
import { createServerClock } from './server-clock.ts';
import { askShowState, besidePlaylist, changeBy, type ShowFacts, watchHost } from './show-state.ts';

export type PlaybackOptions = {
  video: HTMLVideoElement;
  src: string;
  autoplay: boolean;
  /** Where seats are asked for (`…/api/v1/broadcasts/{id}/seats`); null = none are offered. */
  seats: string | null;
  /** Lies over the video: a picture that is held while the engine changes comes above it. */
  cover: HTMLElement;
  /** Whether the origin hears that somebody watches, and how it was. */
  counted: boolean;
  /** What the page's server knew of the show: saves asking the origin before the first load. */
  knownState?: ShowState;
  /** The word of a problem or phase, in the viewer's language. */
  say(word: Word): string;
  onStatus(status: PlayerStatus): void;
  /** Autoplay with sound was refused and playback went on muted. */
  onForcedMute(): void;
};

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
  readonly choices: Choices;
  #engine: Engine | null = null;
  /** From the first wish for the lowest delay on. */
  #seating: Seating | null = null;
  #steering: LiveSteering | null = null;
  #stopBeat: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts the engines: one that is still being opened when another is wanted comes to nothing. */
  #turn = 0;
  #attempt = 0;
  #mends: number[] = [];
  #wantsPlay: boolean;
  /** The video has a picture on the screen; the last one stays there while it seeks or waits for data. */
  #isShown = false;

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
    this.choices = new Choices({
      video: options.video,
      engine: () => this.#engine,
      status: () => this.status,
      set: (change) => this.#set(change),
      reopen: () => this.#open(),
    });
    if (options.seats !== null) this.status.seat = { wanted: false, state: 'off', problem: null };
    if (options.autoplay) this.#quality.wanted();
    this.#listen();
    watchHost({
      src: options.src,
      isWorthAsking: () => this.status.live && !document.hidden && this.#engine !== null,
      onFacts: (facts) => this.#noteShow(facts),
      signal: this.#closing.signal,
    });
    void preloadEngine().catch(() => {});
    void (options.knownState === 'live' || options.knownState === 'ended' ? this.#open() : this.#look());
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#seating?.close();
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
    if (this.#isSeated) this.#seating?.goBack(0);
    else this.#set({ following: false });
  }

  seek(toS: number): void {
    if (!this.#isSeated) return this.#playhead.seek(toS);
    const byS = toS - this.#o.video.currentTime;
    // A seat has only the present: what was before it is played over HLS.
    if (byS < 0) this.#seating?.goBack(toS === 0 ? Number.NEGATIVE_INFINITY : byS);
  }

  goLive(): void {
    if (this.#playhead.toEdge()) this.play();
  }

  replay(): void {
    this.#playhead.toStart();
    this.play();
  }

  /** Watches over WebRTC while there is a seat, over HLS otherwise. Its code comes with the first wish. */
  async setLowestDelay(wanted: boolean): Promise<void> {
    const { seats, src, video, cover } = this.#o;
    if (seats === null) return;
    this.#set({ seat: { wanted, state: wanted ? 'asking' : 'off', problem: null } });
    try {
      const { createSeating } = await import('../webrtc/seats.ts');
      if (this.#closing.signal.aborted) return;
      this.#seating ??= createSeating(seats, () => grantIn(src), {
        video,
        cover,
        playhead: this.#playhead,
        status: () => this.status,
        set: (change) => this.#set(change),
        nowMs: () => this.serverNowMs() ?? Date.now(),
        keepGrant: () => keepGrant(src),
        playWith: (make) => this.#use(make),
        reopen: () => void this.#reopen(),
      });
      this.#seating.want(this.status.seat?.wanted === true);
    } catch {
      this.#set({ seat: { wanted: false, state: 'away', problem: 'unreachable' } });
    }
  }

  /** What the engine and the steering know, for the stats panel and for previews. */
  get engine(): Engine | null {
    return this.#engine;
  }
  get steering(): LiveSteering | null {
    return this.#steering;
  }
  /** There is a picture to see: the video's, or the last one, held while the engine changes. */
  get hasPicture(): boolean {
    return this.#isShown || this.#seating?.isCovered === true;
  }
  /** Address of a file beside the show's playlist. */
  beside(name: string): string {
    return besidePlaylist(this.#o.src, name);
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
    const src = this.choices.audioUrl ?? this.#o.src;
    const events: EngineEvents = {
      onQualities: (qualities: Quality[]) => this.choices.noteQualities(qualities),
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
    const turn = this.#turn;
    let engine: Engine | null;
    try {
      engine = (await openHlsEngine(video, src, events)) ?? openNativeEngine(video, src, events);
    } catch {
      return this.#comeBack('unreachable');
    }
    if (this.#closing.signal.aborted || turn !== this.#turn) return engine?.destroy();
    if (!engine) return this.#giveUp('unsupported');
    this.#engine = engine;
    const isSeen = this.#seating?.isCovered || this.status.phase === 'reconnecting';
    this.#set({ following: this.#playhead.willFollow, phase: isSeen ? this.status.phase : 'loading' });
    if (engine.name === 'hls.js') {
      const isFollowing = () => this.status.live && this.status.following;
      this.#steering = steerLive(video, { ...steeringFacts(engine), isFollowing, seekToLive: () => this.goLive() });
    }
    if (this.#wantsPlay) await this.#start();
  }

  get #isSeated(): boolean {
    return this.#engine?.name === 'webrtc';
  }

  #use(make: () => Engine): void {
    this.#closeEngine();
    this.#engine = make();
    void this.#start();
  }

  async #reopen(): Promise<void> {
    await this.#open();
    if (!this.#wantsPlay) this.#set({ phase: 'paused' });
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

  #noteShow(facts: ShowFacts): void {
    const change = changeBy(facts, this.status);
    if (change) this.#set(change);
  }

  #giveUp(word: Word): void {
    this.#closeEngine();
    this.#seating?.uncover();
    clearTimeout(this.#timer);
    this.#set({ phase: 'failed', problem: { code: word, sentence: this.#o.say(word) } });
  }

  #later(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), delayMs);
  }

  #closeEngine(): void {
    this.#turn++;
    this.#playhead.keep();
    this.#steering?.stop();
    this.#steering = null;
    this.#engine?.destroy();
    this.#engine = null;
  }

  #set(change: Partial<PlayerStatus>): void {
    this.status = { ...this.status, ...change };
    this.#o.onStatus(this.status);
    this.#seating?.look();
  }

  #listen(): void {
    const { video } = this.#o;
    const on = (name: string, handler: () => void) =>
      video.addEventListener(name, handler, { signal: this.#closing.signal });
    on('loadeddata', () => {
      this.#isShown = true;
      this.#playhead.goBack();
    });
    on('emptied', () => {
      this.#isShown = false;
    });
    on('playing', () => {
      this.#attempt = 0;
      if (this.#o.counted)
        this.#stopBeat ??= startBeat(besidePlaylist(this.#o.src, 'beat'), () => this.#quality.take());
      this.#set({ phase: 'playing', problem: null });
    });
    on('pause', () => {
      if (!video.ended && this.#engine && !this.#wantsPlay) this.#set({ phase: 'paused' });
    });
    on('waiting', () => {
      if (this.status.phase !== 'playing' || video.seeking || this.#seating?.isCovered) return;
      this.#steering?.noteStall();
      this.#set({ phase: 'stalled', stalls: this.status.stalls + 1 });
      sayOffline();
    });
    on('ended', () => {
      // The tracks of a seat end too: the show may go on.
      if (this.#isSeated) return;
      this.#wantsPlay = false;
      this.#set({ phase: 'ended', live: false, hostAway: false, problem: null });
    });
    on('volumechange', () => this.#set({ muted: video.muted, volume: video.volume }));
    on('timeupdate', () => this.#set({ behindS: this.#playhead.behindS }));
    // The engine goes on trying for a while before it gives up: the person is told at once.
    const sayOffline = () => {
      if (this.status.phase !== 'stalled' || navigator.onLine) return;
      this.#set({ problem: { code: 'offline', sentence: this.#o.say('offline') } });
    };
    addEventListener('offline', sayOffline, { signal: this.#closing.signal });
    const isWaiting = () => this.status.phase === 'reconnecting' || this.status.problem?.code === 'offline';
    const onOnline = () => {
      if (!isWaiting()) return;
      this.#set({ problem: null });
      this.#later(0);
    };
    addEventListener('online', onOnline, { signal: this.#closing.signal });
    document.addEventListener('visibilitychange', () => this.#onVisible(), { signal: this.#closing.signal });
  }

  /** A tab that was in the background may have been frozen far behind the edge. */
  #onVisible(): void {
    if (document.hidden || !this.status.live || !this.status.following || this.status.phase === 'paused') return;
    if (this.#playhead.isFarBehind) this.goLive();
  }
}
