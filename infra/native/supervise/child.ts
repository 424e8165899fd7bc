import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { judgeCrash } from './back-off.ts';
import type { Leash } from './leash.ts';
import type { LogFile } from './log-file.ts';
import type { Launch, Pace, PartSpec, PartState, PartStatus } from './part.ts';
import { groupMembers, identify, signal, signalGroup } from './process-identity.ts';
import { pollUntil } from './ready-checks.ts';
import { byLine } from './redact.ts';

export type ChildTools = {
  leash: Leash;
  log: LogFile;
  logFile: string;
  redact(text: string): string;
  pace: Pace;
  /** Told on each change of state. */
  changed(): void;
  /** Set in each child's environment, so that strays can be found: `OPENAIR_SUPERVISED=<home>`. */
  marker: Record<string, string>;
};

/** Keeps one process of the install running, in a process group of its own, until it is stopped. */
export class SupervisedChild {
  readonly spec: PartSpec;
  private readonly tools: ChildTools;
  private state: PartState = 'waiting';
  private process: ChildProcess | null = null;
  private startTime: string | null = null;
  private crashes: number[] = [];
  private restarts = 0;
  private readyAfterMs: number | null = null;
  private lastEnd: string | null = null;
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(spec: PartSpec, tools: ChildTools) {
    this.spec = spec;
    this.tools = tools;
  }

  status(): PartStatus {
    const { state, startTime, restarts, readyAfterMs, lastEnd } = this;
    return {
      state,
      pid: this.process?.pid ?? null,
      startTime,
      restarts,
      readyAfterMs,
      lastEnd,
      log: this.tools.logFile,
    };
  }

  isUp(): boolean {
    return this.state === 'ready' || this.state === 'done';
  }

  /** Begins to keep it running; returns at once. */
  start(): void {
    this.loop = this.keepRunning();
  }

  /** Ends it: its signals, then SIGKILL to the group; nothing of it runs when this resolves. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const child = this.process;
    const identity = child?.pid ? identify(child.pid) : null;
    if (child?.pid && identity) {
      this.move('stopping');
      const ended = new Promise<void>((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) resolve();
        else child.once('exit', () => resolve());
      });
      const deadline = AbortSignal.timeout(this.spec.stopWithinMs ?? 5000);
      const over = new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve()));
      for (const name of this.spec.stopSignals ?? ['SIGTERM']) {
        signal(identity, name);
        await Promise.race([ended, wait(300)]);
      }
      await Promise.race([ended, over]);
      signalGroup(child.pid, 'SIGKILL');
      await ended;
    }
    await this.loop;
    this.move('stopped');
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const ended = await this.runOnce();
      if (this.stopping.signal.aborted) return;
      if (this.spec.kind === 'once' && ended === 'ended with code 0') return this.move('done');
      this.lastEnd = ended;
      const nowMs = Date.now();
      this.crashes = [...this.crashes, nowMs].slice(-20);
      const { looping, waitMs } = judgeCrash(this.crashes, nowMs, this.tools.pace, this.state === 'crash-looping');
      this.tools.log.write(`-- openair: ${this.spec.name} ${ended}; starting it again in ${waitMs / 1000} s\n`);
      this.move(looping ? 'crash-looping' : 'restarting');
      await wait(waitMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      this.restarts++;
    }
  }

  /** One life of the process. @returns how it ended, in words */
  private async runOnce(): Promise<string> {
    const begunMs = Date.now();
    // A crash loop stays visible as one until a start holds.
    if (this.state !== 'crash-looping') this.move('starting');
    let launch: Launch;
    try {
      launch = await this.spec.launch();
    } catch (error) {
      this.tools.log.write(this.tools.redact(`-- openair: could not prepare ${this.spec.name}: ${error}\n`));
      return `could not be prepared: ${error instanceof Error ? error.message : error}`;
    }
    if (this.stopping.signal.aborted) return 'was not needed any more';
    const child = this.spawn(launch);
    const life = new AbortController();
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, name) => resolve(name ? `ended by ${name}` : `ended with code ${code}`));
    });
    void this.watch(child, begunMs, life.signal);
    const how = await ended;
    life.abort();
    this.process = null;
    this.startTime = null;
    if (child.pid) await this.endGroup(child.pid);
    return how;
  }

  private spawn(launch: Launch): ChildProcess {
    const { log, leash, redact } = this.tools;
    const child = spawn(launch.command, launch.args, {
      cwd: launch.cwd,
      env: { ...launch.env, ...this.tools.marker } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // its own session and process group: a terminal's Ctrl-C reaches the supervisor alone
    });
    this.process = child;
    this.startTime = child.pid ? (identify(child.pid)?.startTime ?? null) : null;
    if (child.pid) leash.hold(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      const lines = byLine((text) => log.write(redact(text)));
      stream?.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
      stream?.on('end', () => lines.end());
    }
    this.tools.changed();
    return child;
  }

  /** Readiness first, then signs of life; ends with the process. */
  private async watch(child: ChildProcess, begunMs: number, life: AbortSignal): Promise<void> {
    const { spec, tools } = this;
    if (spec.kind === 'once') return;
    const ready = await pollUntil(
      spec.isReady ?? (async () => true),
      tools.pace.pollMs,
      spec.readyWithinMs ?? 60_000,
      life,
    );
    if (life.aborted || this.stopping.signal.aborted) return;
    if (!ready) {
      tools.log.write(`-- openair: ${spec.name} was not ready in time and is ended\n`);
      if (child.pid) signalGroup(child.pid, 'SIGKILL');
      return;
    }
    this.readyAfterMs = Date.now() - begunMs;
    this.move('ready');
    let silentMs = 0;
    let lookedMs = performance.now();
    while (spec.isAlive && !life.aborted && !this.stopping.signal.aborted) {
      await wait(tools.pace.aliveEveryMs, undefined, { signal: life }).catch(() => undefined);
      if (life.aborted) return;
      const answers = await spec.isAlive();
      // A machine that slept is no silence of the process: a single look counts for a part of the time only.
      const passedMs = Math.min(performance.now() - lookedMs, tools.pace.silentMs / 4);
      lookedMs = performance.now();
      silentMs = answers ? 0 : silentMs + passedMs;
      if (silentMs > tools.pace.silentMs) {
        tools.log.write(`-- openair: ${spec.name} has not answered for ${tools.pace.silentMs / 1000} s and is ended\n`);
        if (child.pid) signalGroup(child.pid, 'SIGKILL');
        return;
      }
    }
  }

  /** What the process left in its group may end by itself (an egress closes its part), then it is ended. */
  private async endGroup(group: number): Promise<void> {
    const anyoneLeft = () => groupMembers(group).length > 0;
    const untilMs = Date.now() + (this.stopping.signal.aborted ? 0 : this.tools.pace.orphanMs);
    if (anyoneLeft()) {
      // A service comes back at once, its predecessor's children end meanwhile.
      const finish = async () => {
        while (anyoneLeft() && Date.now() < untilMs && !this.stopping.signal.aborted) await wait(100);
        if (anyoneLeft()) signalGroup(group, 'SIGKILL');
        this.tools.leash.release(group);
      };
      if (this.stopping.signal.aborted) await finish();
      else void finish();
    } else this.tools.leash.release(group);
  }

  private move(state: PartState): void {
    if (this.state === state) return;
    this.state = state;
    this.tools.changed();
  }
}
