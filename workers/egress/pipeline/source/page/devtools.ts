import type { Readable, Writable } from 'node:stream';

/** One message of the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/), with what we read of it. */
type Message = {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
};

export type DevToolsEvent = { method: string; sessionId: string | undefined; params: Record<string, unknown> };

const ANSWER_MS = 10_000;
/** Longer ones are left out: a page may log what it likes, and no answer that we ask for comes near it. */
const MAX_MESSAGE = 8 * 1024 * 1024;

/**
 * The DevTools protocol over Chromium's pipe (`--remote-debugging-pipe`): JSON, each message ended by a zero byte. No port is open that
 * the page, or anybody else on the machine, could connect to.
 */
export class DevTools {
  readonly #out: Writable;
  readonly #calls = new Map<number, { resolve(result: Record<string, unknown>): void; reject(error: Error): void }>();
  readonly #listeners = new Set<(event: DevToolsEvent) => void>();
  #pieces: Buffer[] = [];
  #held = 0;
  #lastId = 0;
  #closed: Error | null = null;

  constructor(pipe: { in: Readable; out: Writable }) {
    this.#out = pipe.out;
    pipe.in.on('data', (chunk: Buffer) => this.#read(chunk));
    const gone = () => this.close(new Error('Chromium has closed its pipe'));
    for (const end of ['end', 'close', 'error'] as const) pipe.in.on(end, gone);
    pipe.out.on('error', gone);
  }

  on(listener: (event: DevToolsEvent) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * One call.
   * @param sessionId of an attached page; absent = the browser itself
   * @throws Error with Chromium's words, or when it has not answered within `limitMs` or is gone
   */
  call(method: string, params: object = {}, sessionId?: string, limitMs = ANSWER_MS): Promise<Record<string, unknown>> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#calls.delete(id);
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`${method}: no answer from Chromium within ${limitMs / 1000} s`));
      }, limitMs);
      this.#calls.set(id, {
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#out.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  close(reason = new Error('closed')): void {
    this.#closed ??= reason;
    this.#listeners.clear();
    this.#pieces = [];
    for (const call of [...this.#calls.values()]) call.reject(this.#closed);
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = Buffer.concat([...this.#pieces, rest.subarray(0, end)]);
      const whole = this.#held + end <= MAX_MESSAGE;
      this.#pieces = [];
      this.#held = 0;
      rest = rest.subarray(end + 1);
      if (whole) this.#hear(message.toString('utf8'));
    }
    this.#held += rest.length;
    if (this.#held > MAX_MESSAGE) this.#pieces = [];
    else if (rest.length > 0) this.#pieces.push(rest);
  }

  #hear(text: string): void {
    if (this.#closed) return;
    const message = read(text);
    if (!message) return this.close(new Error('Chromium sent something that is no message'));
    if (message.id === undefined) {
      const { method = '', sessionId, params = {} } = message;
      for (const listener of this.#listeners) listener({ method, sessionId, params });
      return;
    }
    const call = this.#calls.get(message.id);
    if (message.error) call?.reject(new Error(message.error.message));
    else call?.resolve(message.result ?? {});
  }
}

function read(text: string): Message | null {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return null;
  }
}
