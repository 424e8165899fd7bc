import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'leash.sh');

/** See leash.sh. Killed, it is started again and told all groups anew. */
export class Leash {
  private readonly groups = new Set<number>();
  private process: ChildProcess | null = null;
  private closed = false;

  get pid(): number | null {
    return this.process?.pid ?? null;
  }

  open(): void {
    const child = spawn('/bin/sh', [SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: { PATH: '/usr/bin:/bin' } as Record<string, string> as NodeJS.ProcessEnv,
    });
    this.process = child;
    child.stdin?.on('error', () => undefined); // it died: 'exit' tells
    child.once('exit', () => {
      this.process = null;
      if (!this.closed) setTimeout(() => this.closed || this.open(), 100);
    });
    child.once('error', () => undefined);
    for (const group of this.groups) this.tell(`+${group}`);
  }

  hold(group: number): void {
    this.groups.add(group);
    this.tell(`+${group}`);
  }

  release(group: number): void {
    this.groups.delete(group);
    this.tell(`-${group}`);
  }

  /** Ends the leash itself; groups it still holds are ended with it. */
  close(): void {
    this.closed = true;
    this.process?.stdin?.end();
  }

  private tell(line: string): void {
    this.process?.stdin?.write(`${line}\n`);
  }
}
