import type { PlayerStatus } from '../core/phase.ts';
import { type CommandName, type EmbedCommands, PROTOCOL, readReply } from './messages.ts';

export type { Phase, PlayerStatus, Quality } from '../core/phase.ts';
export type { EmbedCommands } from './messages.ts';

/** Until the player in the frame answers it is greeted again: it may still be loading. */
const HELLO_EVERY_MS = 250;

type Waiting = { resolve(value: unknown): void; reject(error: Error): void };

/**
 * Drives an Openair player in an `<iframe src="https://…/embed/{channel}">` of another origin:
 *
 *     const player = new OpenairEmbed(document.querySelector('iframe'));
 *     player.onStatus((status) => console.log(status.phase));
 *     await player.play();
 *
 * Calls made before the frame has loaded wait for it. Messages of other windows and origins are ignored.
 */
export class OpenairEmbed {
  readonly #frame: HTMLIFrameElement;
  readonly #origin: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(status: PlayerStatus) => void>();
  readonly #closing = new AbortController();
  #lastId = 0;
  #status: PlayerStatus | null = null;
  /** Settles when the frame has answered; rejects when `close` comes first. */
  readonly ready: Promise<void>;

  constructor(frame: HTMLIFrameElement) {
    this.#frame = frame;
    this.#origin = new URL(frame.src, document.baseURI).origin;
    addEventListener('message', (event) => this.#hear(event), { signal: this.#closing.signal });
    this.ready = this.#greet();
    // Whoever does not wait for it need not handle its failure.
    this.ready.catch(() => {});
  }

  /** The newest status that was told, or null before the first one. */
  get status(): PlayerStatus | null {
    return this.#status;
  }

  /** @returns stop */
  onStatus(listener: (status: PlayerStatus) => void): () => void {
    this.#listeners.add(listener);
    if (this.#status) listener(this.#status);
    return () => this.#listeners.delete(listener);
  }

  play = () => this.call('play');
  pause = () => this.call('pause');
  goLive = () => this.call('goLive');
  /** @param toS media seconds, as in `getPosition` */
  seek = (toS: number) => this.call('seek', toS);
  setMuted = (muted: boolean) => this.call('setMuted', muted);
  /** @param volume 0 to 1 */
  setVolume = (volume: number) => this.call('setVolume', volume);
  setQuality = (id: string) => this.call('setQuality', id);
  setDataSaver = (on: boolean) => this.call('setDataSaver', on);
  setAudioOnly = (on: boolean) => this.call('setAudioOnly', on);
  setLowestDelay = (on: boolean) => this.call('setLowestDelay', on);
  getPosition = () => this.call('getPosition');

  /**
   * @returns the command's answer (EmbedCommands)
   * @throws Error whose `name` is the player's code: `bad-argument`, `unknown-command`; or `closed`
   */
  async call<Name extends CommandName>(
    name: Name,
    ...args: EmbedCommands[Name]['args']
  ): Promise<EmbedCommands[Name]['value']> {
    if (name !== 'hello') await this.ready;
    return this.#ask(name, args) as Promise<EmbedCommands[Name]['value']>;
  }

  /** Stops listening; what was asked and not answered is rejected. Idempotent. */
  close(): void {
    this.#closing.abort();
    for (const { reject } of this.#waiting.values()) reject(named('closed', 'The player was closed.'));
    this.#waiting.clear();
    this.#listeners.clear();
  }

  #ask(name: CommandName, args: unknown[]): Promise<unknown> {
    if (this.#closing.signal.aborted) return Promise.reject(named('closed', 'The player was closed.'));
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#frame.contentWindow?.postMessage({ openair: PROTOCOL, id, do: name, args }, this.#origin);
    return answer;
  }

  async #greet(): Promise<void> {
    let settled = false;
    const hello = () => {
      void this.#ask('hello', []).then(
        (status) => {
          if (!settled) this.#note(status as PlayerStatus | null);
          settled = true;
          ok();
        },
        (error: Error) => fail(error),
      );
    };
    let ok: () => void = () => {};
    let fail: (error: Error) => void = () => {};
    const greeted = new Promise<void>((resolve, reject) => {
      ok = resolve;
      fail = reject;
    });
    hello();
    const timer = setInterval(hello, HELLO_EVERY_MS);
    try {
      await greeted;
    } finally {
      clearInterval(timer);
    }
  }

  #hear({ source, origin, data }: MessageEvent): void {
    if (source !== this.#frame.contentWindow || origin !== this.#origin) return;
    const reply = readReply(data);
    if (!reply) return;
    if ('event' in reply) return this.#note(reply.status);
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(named(reply.error.code, reply.error.message));
  }

  #note(status: PlayerStatus | null): void {
    this.#status = status;
    if (status) for (const listener of this.#listeners) listener(status);
  }
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
