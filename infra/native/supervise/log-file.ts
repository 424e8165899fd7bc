import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const TAIL_BYTES = 8192;

/** One process's log: rotated by size, so that no process can fill the disk; `name.log` is the newest, `.1`, `.2` are older. */
export class LogFile {
  private handle: number;
  private size: number;
  private recent = '';
  private closed = false;
  private readonly file: string;
  private readonly maxBytes: number;
  private readonly keep: number;

  /** @param maxBytes of one file @param keep older files beside it */
  constructor(file: string, maxBytes = 10_000_000, keep = 2) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.keep = keep;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.handle = openSync(file, 'a', 0o600);
    this.size = fstatSync(this.handle).size;
  }

  write(text: string): void {
    if (this.closed) return; // the number of the handle may be another file's by now
    this.recent = (this.recent + text).slice(-TAIL_BYTES);
    try {
      if (this.size > this.maxBytes) this.rotate();
      this.size += writeSync(this.handle, text);
    } catch {
      // A full disk must not end the process that talks, nor the supervisor.
    }
  }

  /** Last lines written since this object was made. */
  tail(lines = 15): string {
    return this.recent.trimEnd().split('\n').slice(-lines).join('\n');
  }

  close(): void {
    this.closed = true;
    closeSync(this.handle);
  }

  /** The old handle is let go of last: without a new one (no room on the disk, no descriptors left) writing goes on where it was. */
  private rotate(): void {
    for (let at = this.keep; at >= 1; at--) {
      const older = at === 1 ? this.file : `${this.file}.${at - 1}`;
      if (existsSync(older)) renameSync(older, `${this.file}.${at}`);
    }
    const before = this.handle;
    this.handle = openSync(this.file, 'a', 0o600);
    this.size = 0;
    closeSync(before);
  }
}
