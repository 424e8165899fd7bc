import { type ChildProcess, fork } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { EncodingWishes } from '../publish/encoding-wish.ts';
import { ChildMessage, encodeFrameHead, type FrameKind, MEDIA_FD, type ParentMessage } from '../publish/wire.ts';

const CHILD_MODULE = fileURLToPath(new URL('../publish/main.ts', import.meta.url));
/** Media waiting for the child before the encoder's socket is paused, bytes. */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;
const KILL_AFTER_MS = 5_000;

/** All that a child sees of the environment: no secret of ours. */
export type ChildEnvironment = NodeJS.ProcessEnv;

export type ChildEvents = {
  onMessage(message: ChildMessage): void;
  /** Once; `expected` when we asked it to end. */
  onExit(how: { expected: boolean; code: number | null; signal: string | null }): void;
  /** The child took what was waiting. */
  onDrain(): void;
};

/** The parent's hand on one media child. FFmpeg lives there: when it crashes, one ingest has a problem. */
export class MediaChild {
  private readonly process: ChildProcess;
  private readonly pipe: Writable;
  private events: ChildEvents | null = null;
  private isEnding = false;
  private hasExited = false;

  constructor(env: ChildEnvironment, log: (text: string) => void) {
    this.process = fork(CHILD_MODULE, [], {
      execArgv: ['--import', 'tsx', '--max-old-space-size=256'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      env,
    });
    this.pipe = this.process.stdio[MEDIA_FD] as Writable;
    this.pipe.on('error', () => undefined); // The exit tells.
    this.pipe.on('drain', () => this.events?.onDrain());
    this.process.stderr?.on('data', (text: Buffer) => log(text.toString().slice(0, 500)));
    this.process.on('message', (raw) => {
      const read = ChildMessage.safeParse(raw);
      if (read.success) this.events?.onMessage(read.data);
    });
    this.process.on('error', (error) => this.exited(null, error.message));
    this.process.on('exit', (code, signal) => this.exited(code, signal));
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get isAlive(): boolean {
    return !this.hasExited && !this.isEnding;
  }

  /** From now on it publishes one ingest. */
  start(serverUrl: string, wishes: EncodingWishes, events: ChildEvents): void {
    this.events = events;
    this.tell({ say: 'start', serverUrl, wishes });
  }

  tell(message: ParentMessage): void {
    if (this.process.connected) this.process.send(message, () => undefined);
  }

  /** @returns false when enough is waiting: pause until `onDrain` */
  send(kind: FrameKind, timestampMs: number, body: Buffer): boolean {
    if (!this.isAlive) return true;
    this.pipe.write(encodeFrameHead(kind, timestampMs, body.length));
    if (body.length > 0) this.pipe.write(body);
    return this.pipe.writableLength < HIGH_WATER_BYTES;
  }

  /** Leaves the room and ends; killed after 5 s. */
  end(): void {
    if (!this.isAlive) return;
    this.isEnding = true;
    this.tell({ say: 'end' });
    const timer = setTimeout(() => this.process.kill('SIGKILL'), KILL_AFTER_MS);
    this.process.once('exit', () => clearTimeout(timer));
  }

  /** For a child that hangs: its exit counts as a crash. */
  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** Resolves when the process is gone. */
  whenGone(): Promise<void> {
    if (this.hasExited) return Promise.resolve();
    return new Promise((resolve) => this.process.once('exit', () => resolve()));
  }

  private exited(code: number | null, signal: string | null): void {
    if (this.hasExited) return;
    this.hasExited = true;
    this.events?.onExit({ expected: this.isEnding, code, signal });
  }
}

/** Keeps one child warm, so that an encoder's first picture does not wait for a process to start (0.7 s). */
export class MediaChildren {
  private spare: MediaChild | null = null;
  private isClosed = false;

  constructor(
    private readonly env: ChildEnvironment,
    private readonly log: (text: string) => void,
  ) {
    this.spare = new MediaChild(env, log);
  }

  take(): MediaChild {
    const { spare } = this;
    this.spare = null;
    if (!this.isClosed) {
      // Not at once: the one taken needs the processor now.
      setTimeout(() => this.refill(), 2_000).unref();
    }
    return spare?.isAlive ? spare : new MediaChild(this.env, this.log);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const { spare } = this;
    this.spare = null;
    spare?.end();
    await spare?.whenGone();
  }

  private refill(): void {
    if (this.isClosed || this.spare?.isAlive) return;
    this.spare = new MediaChild(this.env, this.log);
  }
}
