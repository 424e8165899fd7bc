import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TagType } from '../rtmp/session.ts';
import { FlvStream } from './flv-stream.ts';
import { FLV_FD, FromSource, type SourceEnd, type ToSource } from './source/messages.ts';

const PROGRAM = fileURLToPath(new URL('./source/main.ts', import.meta.url));

const REFILL_AFTER_MS = 2_000;

export type SourceEvents = {
  onOpened(): void;
  onTag(type: TagType, timestampMs: number, body: Buffer): void;
  /** Once. */
  onOver(end: SourceEnd): void;
};

/** One process that reads one source, as its parent sees it. Whatever hangs in it is ended with it. */
export class SourceProcess {
  private readonly child: ChildProcess;
  private readonly pipe: Readable;
  private events: SourceEvents | null = null;
  private isOver = false;
  /** How long it could not read since it began, ms. */
  heldUpMs = 0;

  constructor(env: NodeJS.ProcessEnv) {
    // By full path: `--import tsx` would be looked up from the working directory.
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    this.child = fork(PROGRAM, [], {
      execArgv: ['--import', loader, '--max-old-space-size=192'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
      env,
    });
    this.pipe = this.child.stdio[FLV_FD] as Readable;
    const flv = new FlvStream((type, timestampMs, body) => {
      if (!this.isOver) this.events?.onTag(type, timestampMs, body);
    });
    this.pipe.on('data', (bytes: Buffer) => {
      try {
        flv.push(bytes);
      } catch {
        this.finish('not-media');
      }
    });
    this.pipe.on('error', () => undefined); // The exit tells.
    this.child.on('message', (raw) => {
      const read = FromSource.safeParse(raw);
      if (!read.success || this.isOver) return;
      if (read.data.say === 'opened') this.events?.onOpened();
      else if (read.data.say === 'held-up') this.heldUpMs = read.data.totalMs;
      else this.drainThen(read.data.end);
    });
    this.child.on('exit', () => this.drainThen('lost'));
    this.child.on('error', () => this.finish('lost'));
  }

  /** False when it has ended already: a spare may have been killed. */
  get isAlive(): boolean {
    return !this.isOver && this.child.connected;
  }

  /** Once: reads this source. */
  start(input: ToSource, events: SourceEvents): this {
    this.events = events;
    this.child.send(input, () => undefined);
    return this;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  pause(): void {
    this.pipe.pause();
  }

  resume(): void {
    this.pipe.resume();
  }

  /** Ends it at once and says nothing more. */
  end(): void {
    this.isOver = true;
    this.kill();
  }

  private ending: SourceEnd | null = null;

  /** What it wrote before it ended is heard first. */
  private drainThen(end: SourceEnd): void {
    if (this.ending !== null || this.isOver) return;
    this.ending = end;
    if (this.pipe.readableEnded || this.pipe.destroyed) this.finish(end);
    else this.pipe.once('close', () => this.finish(end));
  }

  private finish(end: SourceEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.kill();
    this.events?.onOver(end);
  }

  private kill(): void {
    this.child.kill('SIGKILL');
    this.pipe.destroy();
  }
}

/** Keeps one process warm: an SRT caller gives up after 3 s, and on a busy machine a process needs most of that to come up. */
export class SourceProcesses {
  private spare: SourceProcess | null;
  private isClosed = false;

  constructor(private readonly env: NodeJS.ProcessEnv) {
    this.spare = new SourceProcess(env);
  }

  take(): SourceProcess {
    const { spare } = this;
    this.spare = null;
    // Not at once: the one taken needs the processor now.
    if (!this.isClosed) setTimeout(() => this.refill(), REFILL_AFTER_MS).unref();
    return spare?.isAlive ? spare : new SourceProcess(this.env);
  }

  close(): void {
    this.isClosed = true;
    this.spare?.end();
    this.spare = null;
  }

  private refill(): void {
    if (!this.isClosed && !this.spare?.isAlive) this.spare = new SourceProcess(this.env);
  }
}
