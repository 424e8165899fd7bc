import type { Logger } from 'pino';
import type { PageSourcePlan } from '../../../plan.ts';
import type { PictureTap, RawPicture, SoundSink, StageView } from '../../compose/inputs.ts';
import type { ResolveTarget } from './guard-proxy.ts';
import { type LifeOptions, PageLife } from './page-life.ts';
import { PageProblem, type TabWish } from './page-tab.ts';
import { RestartRule, type Verdict } from './restart-rule.ts';
import { templateUrl } from './template-url.ts';

export type PagePlan = {
  egressId: string;
  roomName: string;
  livekit: { url: string; apiKey: string; apiSecret: string };
  source: PageSourcePlan;
  wish: TabWish;
};

export type PageEvents = {
  /** The page logged END_RECORDING. */
  onEnd(): void;
  /** It cannot be shown; why, for people. */
  onFailed(why: string): void;
};

/** What starts Chromium, so that tests can do without. */
export type OpenLife = (options: LifeOptions) => Pick<PageLife, 'open' | 'close' | 'gone'>;

const START = 'START_RECORDING';
const END = 'END_RECORDING';
const IDENTITY = 'page';

/**
 * A page as a source: one person whose screen is the page, and whose sound is the page's. Chromium that dies, or a page that crashes,
 * is opened again with pauses; meanwhile nobody is there, and the slate is on air.
 */
export class PageSource<Sink extends SoundSink> {
  readonly #plan: PagePlan;
  readonly #resolve: ResolveTarget;
  readonly #events: PageEvents;
  readonly #log: Logger;
  readonly #openLife: OpenLife;
  readonly #newSink: () => Sink;
  readonly #rule = new RestartRule();
  readonly #ready: Promise<void>;
  #becomeReady: () => void = () => {};
  #life: ReturnType<OpenLife> | null = null;
  #sink: Sink | null = null;
  #picture: RawPicture | null = null;
  #loaded = false;
  #signalled = false;
  #closed = false;
  #wake: () => void = () => {};
  #view: StageView<Sink> = { version: 0, people: [], activeSpeaker: null, metadata: null };

  constructor(
    plan: PagePlan,
    newSink: () => Sink,
    rest: { resolve: ResolveTarget; events: PageEvents; log: Logger; openLife?: OpenLife },
  ) {
    this.#plan = plan;
    this.#newSink = newSink;
    this.#resolve = rest.resolve;
    this.#events = rest.events;
    this.#log = rest.log;
    this.#openLife = rest.openLife ?? ((options) => new PageLife(options));
    this.#ready = new Promise((resolve) => {
      this.#becomeReady = resolve;
    });
  }

  view(): StageView<Sink> {
    return this.#view;
  }

  /** A page is always captured in the program's size. */
  setDrawn(): void {}

  /** Opens the page and keeps it open; returns at once. */
  open(): void {
    void this.#stay();
  }

  /** When outputs may begin: the page is shown and, where that was asked for, has logged START_RECORDING. Never, once closed. */
  ready(): Promise<void> {
    return this.#ready;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    this.#leave();
    await this.#life?.close();
  }

  async #stay(): Promise<void> {
    while (!this.#closed) {
      const verdict = await this.#live();
      if (this.#closed || !verdict) return;
      if (!verdict.again) return;
      await this.#pause(verdict.afterMs);
    }
  }

  /** One life of the page, to its end. */
  async #live(): Promise<Verdict | null> {
    const { source, egressId, wish } = this.#plan;
    const log = this.#log;
    const life = this.#openLife({
      source,
      egressId,
      wish,
      resolve: this.#resolve,
      sink: { picture: (picture) => this.#show(picture), sound: (samples) => this.#hear(samples) },
      logged: (word) => this.#read(word),
      log,
    });
    this.#life = life;
    try {
      await life.open(await this.#address());
    } catch (error) {
      await life.close();
      return this.#closed ? null : this.#judgeFailure(error);
    }
    this.#loaded = true;
    this.#rule.shown();
    log.info('the page is loaded');
    if (!this.#plan.source.awaitStartSignal) this.#signalled = true;
    this.#refresh();
    const why = await life.gone;
    this.#leave();
    await life.close();
    if (this.#closed) return null;
    const verdict = this.#rule.crashed(performance.now());
    log.warn({ why, again: verdict.again }, 'the page is gone');
    if (!verdict.again) this.#events.onFailed(`The page crashed again and again: ${why}.`);
    return verdict;
  }

  #judgeFailure(error: unknown): Verdict {
    const { code } = error as { code?: string };
    const forbidden = code === 'EFORBIDDEN';
    const why = wordsFor(error, code);
    const verdict = forbidden ? { again: false as const } : this.#rule.failed();
    this.#log.warn({ why, again: verdict.again }, 'the page cannot be opened');
    if (!verdict.again) this.#events.onFailed(why);
    return verdict;
  }

  /** The address with what a template is told, checked before Chromium is started for it. @throws Error with code EFORBIDDEN */
  async #address(): Promise<string> {
    const { source, egressId, roomName, livekit } = this.#plan;
    const url = new URL(source.url);
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    await this.#resolve({ host: url.hostname.replace(/^\[|\]$/g, ''), port });
    if (!source.template) return source.url;
    return templateUrl({ base: source.url, layout: source.template.layout, egressId, roomName, livekit });
  }

  #read(word: string): void {
    if (word === START && !this.#signalled) {
      this.#signalled = true;
      this.#log.info('the page logged START_RECORDING');
      this.#tellReady();
    } else if (word === END) this.#events.onEnd();
  }

  /** What is captured before the page is loaded is a blank tab. */
  #show(picture: RawPicture): void {
    if (!this.#loaded || this.#closed) return;
    const first = this.#picture === null;
    this.#picture = picture;
    if (first) this.#refresh();
  }

  #hear(samples: Int16Array): void {
    if (!this.#loaded || this.#closed) return;
    if (this.#sink) return this.#sink.write(samples);
    this.#sink = this.#newSink();
    this.#refresh();
  }

  #leave(): void {
    this.#loaded = false;
    this.#picture = null;
    this.#sink = null;
    this.#refresh();
  }

  #refresh(): void {
    const { wish } = this.#plan;
    const tap: PictureTap = { latest: () => this.#picture };
    const there = this.#loaded && (this.#picture !== null || (!wish.picture && this.#sink !== null));
    const person = {
      identity: IDENTITY,
      name: '',
      camera: false,
      screen: wish.picture,
      sound: wish.sound,
      cameraTap: null,
      screenTap: wish.picture ? tap : null,
      sounds: this.#sink ? [this.#sink] : [],
    };
    const { version } = this.#view;
    this.#view = { version: version + 1, people: there ? [person] : [], activeSpeaker: null, metadata: null };
    this.#tellReady();
  }

  #tellReady(): void {
    if (this.#signalled && this.#view.people.length > 0 && !this.#closed) this.#becomeReady();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function wordsFor(error: unknown, code: string | undefined): string {
  if (code === 'EFORBIDDEN') {
    return "The page's address is not public. The operator can allow it in OPENAIR_ALLOW_TARGETS.";
  }
  if (code === 'ENOTFOUND') return "The page's host is not known: its name cannot be looked up.";
  if (error instanceof PageProblem) return error.message;
  return `The page could not be opened: ${error instanceof Error ? error.message : String(error)}`;
}
