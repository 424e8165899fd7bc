import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SupervisedChild } from './child.ts';
import { Leash } from './leash.ts';
import { LogFile } from './log-file.ts';
import { PACE, type Pace, type PartSpec, type PartStatus } from './part.ts';
import { redactor } from './redact.ts';

export type SupervisorOptions = {
  home: string;
  parts: PartSpec[];
  /** Never to be seen in a log. */
  secrets: string[];
  pace?: Pace;
  /** Told on each change, with every part. */
  onChange?(parts: Record<string, PartStatus>): void;
};

/** Runs an install's processes: each as soon as those it needs are ready, stopped in the opposite order. */
export class Supervisor {
  private readonly children: SupervisedChild[];
  private readonly leash = new Leash();
  private readonly started = new Set<string>();
  private readonly logs: LogFile[] = [];
  private readonly options: SupervisorOptions;
  private stopped: Promise<void> | null = null;

  constructor(options: SupervisorOptions) {
    checkOrder(options.parts);
    this.options = options;
    const redact = redactor(options.secrets);
    this.children = options.parts.map((spec) => {
      const logFile = join(options.home, 'logs', `${spec.name}.log`);
      const log = new LogFile(logFile);
      this.logs.push(log);
      return new SupervisedChild(spec, {
        leash: this.leash,
        log,
        logFile,
        redact,
        pace: options.pace ?? PACE,
        changed: () => this.advance(),
        marker: { OPENAIR_SUPERVISED: options.home },
      });
    });
  }

  start(): void {
    this.leash.open();
    this.advance();
  }

  status(): Record<string, PartStatus> {
    return Object.fromEntries(this.children.map((child) => [child.spec.name, child.status()]));
  }

  get leashPid(): number | null {
    return this.leash.pid;
  }

  isHealthy(): boolean {
    return this.children.every((child) => child.isUp());
  }

  /** Last lines of a part's log. */
  tail(name: string): string {
    const at = this.children.findIndex((child) => child.spec.name === name);
    return this.logs[at]?.tail() ?? '';
  }

  /** Ends everything; nothing of the install runs when this resolves. Called twice, both wait for the one stop. */
  stop(): Promise<void> {
    this.stopped ??= this.stopInOrder();
    return this.stopped;
  }

  private async stopInOrder(): Promise<void> {
    const ended = new Map<string, Promise<void>>();
    const end = (child: SupervisedChild): Promise<void> => {
      const known = ended.get(child.spec.name);
      if (known) return known;
      const dependants = this.children.filter((other) => other.spec.after.includes(child.spec.name));
      const done = Promise.all(dependants.map(end)).then(() => child.stop());
      ended.set(child.spec.name, done);
      return done;
    };
    await Promise.all(this.children.map(end));
    this.leash.close();
    await wait(0);
    this.changed();
    for (const log of this.logs) log.close();
  }

  private advance(): void {
    if (!this.stopped) {
      const up = new Set(this.children.filter((child) => child.isUp()).map((child) => child.spec.name));
      for (const child of this.children) {
        if (this.started.has(child.spec.name) || !child.spec.after.every((name) => up.has(name))) continue;
        this.started.add(child.spec.name);
        child.start();
      }
    }
    this.changed();
  }

  private changed(): void {
    this.options.onChange?.(this.status());
  }
}

/** @throws Error when a part waits for one that does not exist, or for itself by way of others */
function checkOrder(parts: PartSpec[]): void {
  const byName = new Map(parts.map((part) => [part.name, part]));
  const visit = (name: string, path: string[]): void => {
    const part = byName.get(name);
    if (!part) throw new Error(`${path.at(-1)} waits for ${name}, which is no part`);
    if (path.includes(name)) throw new Error(`parts wait for each other: ${[...path, name].join(' → ')}`);
    for (const before of part.after) visit(before, [...path, name]);
  };
  for (const part of parts) visit(part.name, []);
}
