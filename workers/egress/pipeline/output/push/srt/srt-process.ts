import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FromSrt, ToSrt } from './srt-messages.ts';

const PROGRAM = fileURLToPath(new URL('./srt-main.ts', import.meta.url));
/** A process that does not end by itself within this is killed. */
const RELEASE_MS = 2000;
/** libsrt's last lines: enough to tell why a connection was refused. */
const SAID_CHARS = 4000;

export type SrtProcessEvents = {
  message(message: FromSrt): void;
  /** Once; a process that was killed is said to be gone at once, without waiting for it. */
  gone(): void;
};

/** One process that speaks SRT, as its parent sees it. */
export class SrtProcess {
  readonly #child: ChildProcess;
  readonly #events: SrtProcessEvents;
  #said = '';
  #gone = false;

  constructor(events: SrtProcessEvents) {
    this.#events = events;
    // By full path: `--import tsx` would be looked up from the working directory.
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const child = fork(PROGRAM, [], {
      execArgv: ['--import', loader],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-SAID_CHARS);
    });
    child.on('message', (message: FromSrt) => {
      if (!this.#gone) events.message(message);
    });
    child.on('exit', () => this.#leave());
    child.on('error', () => {
      if (child.pid === undefined) this.#leave();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What libsrt printed since the last call. May hold secrets: for looking up known words only. */
  takeSaid(): string {
    const said = this.#said;
    this.#said = '';
    return said;
  }

  send(message: ToSrt): void {
    // A closed channel means that the process is going; its exit tells the rest.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Closes the channel; the process ends its connection and itself within half a second, whatever hangs in it. */
  release(): void {
    this.#gone = true;
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), RELEASE_MS);
    timer.unref();
    this.#child.once('exit', () => clearTimeout(timer));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#leave();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events.gone();
  }
}
