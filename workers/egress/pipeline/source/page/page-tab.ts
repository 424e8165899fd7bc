import { randomBytes } from 'node:crypto';
import type { DevTools, DevToolsEvent } from './devtools.ts';

export type TabEvents = {
  /** The page logged this word (LiveKit's START_RECORDING, END_RECORDING and whatever else). */
  logged(word: string): void;
  /** The page or the capture is no more; nothing comes from it again. */
  lost(why: string): void;
};

export type CaptureWay = {
  captureUrl: string;
  /** Of the tab that Chromium gives to the capture page without asking. */
  title: string;
  /** The guard's. */
  proxyPort: number;
};

export type TabWish = { width: number; height: number; fps: number; picture: boolean; sound: boolean };

/** As long as LiveKit's egress waits for a page. */
const LOAD_MS = 30_000;
const CAPTURE_MS = 15_000;
const WATCH_MS = 5_000;
/** Bars come and go for an instant: the size has to be right this often in turn. */
const FITS = 4;
const FIT_PAUSE_MS = 60;
const FIT_MS = 5_000;

/** Title by which Chromium finds the tab to capture; made anew for each start, the recorded page cannot know it. */
export const newCaptureTitle = () => `openair-${randomBytes(12).toString('hex')}`;

/** A page that could not be opened, in a person's words. */
export class PageProblem extends Error {}

/**
 * Two tabs: the recorded one, and beside it the capture page, which has the first one's picture and sound before its address is opened,
 * so that nothing of the show is missed and its title does not matter.
 */
export class PageTab {
  readonly #devtools: DevTools;
  readonly #events: TabEvents;
  /** Sessions and their target ids: ours, all others are closed. */
  readonly #targets = new Map<string, string>();
  #page = '';
  #capture = '';
  #watch: NodeJS.Timeout | null = null;
  #onLoad: () => void = () => {};
  #lost = false;

  constructor(devtools: DevTools, events: TabEvents) {
    this.#devtools = devtools;
    this.#events = events;
    devtools.on((event) => this.#hear(event));
  }

  /**
   * Opens both tabs and captures the first one, still blank. They live in a context of their own, which alone has a way out.
   * @throws Error
   */
  async capture({ captureUrl, title, proxyPort }: CaptureWay, wish: TabWish): Promise<void> {
    const { width, height } = wish;
    const way = { proxyServer: `http://127.0.0.1:${proxyPort}`, proxyBypassList: '<-loopback>' };
    const { browserContextId } = await this.#devtools.call('Target.createBrowserContext', way);
    await this.#devtools.call('Browser.setDownloadBehavior', { behavior: 'deny', browserContextId });
    this.#page = await this.#open('about:blank', { browserContextId, newWindow: true, width, height });
    // Red shows the capture page by which matrix Chromium makes its pictures.
    const prepare = `document.title = ${JSON.stringify(title)}; document.documentElement.style.background = '#f00'`;
    await this.#evaluate(this.#page, prepare);
    const loaded = this.#nextLoad();
    this.#capture = await this.#open(captureUrl, { browserContextId, newWindow: true, width: 200, height: 200 });
    await this.#evaluate(this.#capture, "document.readyState === 'complete' || new Promise((r) => onload = r)");
    loaded.forget();
    await this.#evaluate(this.#capture, `capture(${JSON.stringify(wish)})`, CAPTURE_MS);
    await this.#fit(wish);
    await this.#devtools.call('Target.setDiscoverTargets', { discover: true });
    this.#watch = setInterval(() => void this.#look(), WATCH_MS);
  }

  /**
   * Opens the address in the recorded tab; returns when it has loaded, or after 30 s when it is at least there.
   * @throws PageProblem
   */
  async open(url: string): Promise<void> {
    const loaded = this.#nextLoad();
    try {
      const { errorText } = await this.#call(this.#page, 'Page.navigate', { url }, LOAD_MS);
      if (typeof errorText === 'string') throw new PageProblem(`The page could not be loaded (${errorText}).`);
      if (!(await loaded.within(LOAD_MS)) && (await this.#read('document.readyState')) === 'loading') {
        throw new PageProblem('The page did not load within 30 s.');
      }
    } finally {
      loaded.forget();
    }
    const status = await this.#read("performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0");
    if (typeof status === 'number' && status >= 400) throw new PageProblem(`The page answered ${status}.`);
    const said = await this.#read("document.querySelector('div.error')?.innerText ?? ''");
    if (typeof said === 'string' && said !== '') throw new PageProblem(`The page says: ${said.slice(0, 200)}`);
  }

  /**
   * Makes the window as much larger as its bars take away (address bar, and the one that says that the tab is captured): the page itself
   * has the program's size, and the capture with it. @throws Error
   */
  async #fit({ width, height }: TabWish): Promise<void> {
    const targetId = this.#targets.get(this.#page);
    const { windowId } = await this.#devtools.call('Browser.getWindowForTarget', { targetId });
    const limit = performance.now() + FIT_MS;
    for (let fitting = 0; fitting < FITS; ) {
      const [inner, outer] = (await this.#evaluate(
        this.#page,
        '[[innerWidth, innerHeight], [outerWidth, outerHeight]]',
      )) as [[number, number], [number, number]];
      const fits = inner[0] === width && inner[1] === height;
      fitting = fits ? fitting + 1 : 0;
      if (!fits) {
        const bounds = { width: outer[0] + width - inner[0], height: outer[1] + height - inner[1] };
        await this.#devtools.call('Browser.setWindowBounds', { windowId, bounds });
      }
      if (performance.now() > limit) throw new Error(`the tab is ${inner.join('x')}, not ${width}x${height}`);
      await new Promise((resolve) => setTimeout(resolve, FIT_PAUSE_MS));
    }
  }

  close(): void {
    if (this.#watch) clearInterval(this.#watch);
    this.#lost = true;
  }

  async #open(url: string, how: object): Promise<string> {
    const { targetId } = await this.#devtools.call('Target.createTarget', { url, ...how });
    const { sessionId } = await this.#devtools.call('Target.attachToTarget', { targetId, flatten: true });
    const session = String(sessionId);
    this.#targets.set(session, String(targetId));
    await this.#call(session, 'Runtime.enable');
    await this.#call(session, 'Page.enable');
    return session;
  }

  #call(session: string, method: string, params: object = {}, limitMs?: number) {
    return this.#devtools.call(method, params, session, limitMs);
  }

  /** @throws Error with the page's words */
  async #evaluate(session: string, expression: string, limitMs?: number): Promise<unknown> {
    const how = { expression, awaitPromise: true, returnByValue: true, userGesture: session === this.#capture };
    const { result, exceptionDetails } = (await this.#call(session, 'Runtime.evaluate', how, limitMs)) as {
      result?: { value?: unknown };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result?.value;
  }

  /** A value of the recorded page; null when it does not say. */
  async #read(expression: string): Promise<unknown> {
    return this.#evaluate(this.#page, expression).catch(() => null);
  }

  #nextLoad(): { within(ms: number): Promise<boolean>; forget(): void } {
    let done: (loaded: boolean) => void = () => {};
    const loaded = new Promise<boolean>((resolve) => {
      done = resolve;
    });
    this.#onLoad = () => done(true);
    let timer: NodeJS.Timeout | undefined;
    return {
      within: (ms) => {
        timer = setTimeout(() => done(false), ms);
        return loaded;
      },
      forget: () => {
        clearTimeout(timer);
        this.#onLoad = () => {};
      },
    };
  }

  /** A browser that answers nothing is as good as dead. */
  async #look(): Promise<void> {
    await this.#evaluate(this.#capture, '1').catch(() => this.#lose('Chromium does not answer any more'));
  }

  #hear({ method, sessionId, params }: DevToolsEvent): void {
    if (this.#lost) return;
    const ofPage = sessionId === this.#page;
    if (method === 'Runtime.consoleAPICalled')
      this.#hearLog(sessionId, String(params.type), params.args as { value?: unknown }[]);
    else if (method === 'Page.loadEventFired' && ofPage) this.#onLoad();
    else if (method === 'Inspector.targetCrashed') this.#lose(ofPage ? 'the page crashed' : 'the capture crashed');
    else if (method === 'Page.javascriptDialogOpening') {
      // A question that nobody answers would hold the page for ever.
      this.#call(sessionId ?? '', 'Page.handleJavaScriptDialog', { accept: true }).catch(() => {});
    } else if (method === 'Target.targetCreated')
      this.#closeStranger(params.targetInfo as { targetId: string; type: string });
    else if (method === 'Target.targetDestroyed' && this.#isOurs(params.targetId)) this.#lose('the page closed itself');
  }

  #hearLog(sessionId: string | undefined, type: string, args: { value?: unknown }[]): void {
    if (sessionId === this.#page) {
      for (const { value } of args) if (typeof value === 'string') this.#events.logged(value);
    } else if (sessionId === this.#capture && type === 'error')
      this.#lose(args.map(({ value }) => String(value)).join(' '));
  }

  #isOurs(targetId: unknown): boolean {
    return [...this.#targets.values()].includes(String(targetId));
  }

  /** Windows that the page opens are not recorded and only cost. */
  #closeStranger({ targetId, type }: { targetId: string; type: string }): void {
    if (type !== 'page' || this.#isOurs(targetId)) return;
    this.#devtools.call('Target.closeTarget', { targetId }).catch(() => {});
  }

  #lose(why: string): void {
    if (this.#lost) return;
    this.close();
    this.#events.lost(why);
  }
}
