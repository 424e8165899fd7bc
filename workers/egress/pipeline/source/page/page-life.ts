import type { Logger } from 'pino';
import type { PageSourcePlan } from '../../../plan.ts';
import { CAPTURE_HOST, CaptureInbox, type CaptureSink } from './capture-inbox.ts';
import { type Chromium, startChromium } from './chromium.ts';
import { groupMemoryMb } from './group-memory.ts';
import { GuardProxy, type ResolveTarget } from './guard-proxy.ts';
import { newCaptureTitle, PageProblem, PageTab, type TabWish } from './page-tab.ts';

export type LifeOptions = {
  source: PageSourcePlan;
  egressId: string;
  wish: TabWish;
  resolve: ResolveTarget;
  sink: CaptureSink;
  /** The page logged this word. */
  logged(word: string): void;
  log: Logger;
};

const WEIGH_MS = 5_000;

/** Everything that makes one page run: its way out, Chromium, its two tabs. Ends as a whole. */
export class PageLife {
  readonly #options: LifeOptions;
  readonly #refused = new Set<string>();
  #guard: GuardProxy | null = null;
  #chromium: Chromium | null = null;
  #tab: PageTab | null = null;
  #memory: NodeJS.Timeout | null = null;
  #closed = false;
  #end: (why: string) => void = () => {};
  /** Resolves when the page is gone, with why, for people. */
  readonly gone = new Promise<string>((resolve) => {
    this.#end = resolve;
  });

  constructor(options: LifeOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#chromium?.pid ?? null;
  }

  /**
   * Starts Chromium, captures a blank tab, opens the address in it.
   * @param url may hold a token: it is logged nowhere
   * @throws PageProblem in a person's words, or Error
   */
  async open(url: string): Promise<void> {
    const { source, egressId, wish, resolve, sink, logged, log } = this.#options;
    const inbox = new CaptureInbox(sink);
    this.#guard = await GuardProxy.open({
      resolve,
      inside: { host: CAPTURE_HOST, answer: (incoming, response) => inbox.answer(incoming, response) },
      onRefused: (host, port) => this.#noteRefused(host, port),
    });
    const captureTitle = newCaptureTitle();
    const { browser: path, sandbox, flags, template } = source;
    const { width, height } = wish;
    const rest = { captureTitle, webrtc: template !== null, egressId };
    this.#chromium = await startChromium({ path, sandbox, flags, width, height, ...rest });
    // Closed while it started: nobody else would end it.
    if (this.#closed) await this.#chromium.kill();
    void this.#chromium.gone.then((why) => this.#end(why));
    this.#tab = new PageTab(this.#chromium.devtools, { logged, lost: (why) => this.#end(why) });
    const way = { captureUrl: inbox.url, title: captureTitle, proxyPort: this.#guard.port };
    await this.#orGone(this.#tab.capture(way, wish));
    log.info({ pid: this.pid }, 'Chromium runs, the page is opened');
    await this.#orGone(this.#tab.open(url)).catch((error: unknown) => {
      throw error instanceof PageProblem && this.#refused.size > 0
        ? new PageProblem(
            `${error.message} It leads to ${[...this.#refused].join(', ')}, which is not a public address.`,
          )
        : error;
    });
    if (!this.#closed) this.#memory = setInterval(() => void this.#weigh(), WEIGH_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#memory) clearInterval(this.#memory);
    this.#tab?.close();
    this.#guard?.close();
    await this.#chromium?.kill();
    this.#end('closed');
  }

  async #orGone(work: Promise<void>): Promise<void> {
    const why = await Promise.race([work.then(() => null), this.gone]);
    if (why !== null) throw new Error(why);
  }

  /** A page that leaks would take the machine along, and all that runs on it. */
  async #weigh(): Promise<void> {
    const { memoryMb } = this.#options.source;
    const mb = await groupMemoryMb(this.pid ?? 0);
    if (mb > memoryMb)
      this.#end(`the page took ${mb} MB of memory, more than the ${memoryMb} MB it may (page_memory_mb)`);
  }

  #noteRefused(host: string, port: number): void {
    const target = `${host}:${port}`;
    if (this.#refused.has(target) || this.#refused.size >= 5) return;
    this.#refused.add(target);
    this.#options.log.warn({ target }, 'the page wanted an address that is not public; it was refused');
  }
}
