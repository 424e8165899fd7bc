import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, statfsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { environmentOfPrograms } from '../../config.ts';
import { type ChromiumWish, chromiumFlags } from './chromium-flags.ts';
import { DevTools } from './devtools.ts';

export type Chromium = {
  devtools: DevTools;
  pid: number | undefined;
  /** Resolves when the process is gone, with why, for people. */
  gone: Promise<string>;
  /** Ends it and deletes its profile. */
  kill(): Promise<void>;
};

export type ChromiumOptions = Omit<ChromiumWish, 'profile' | 'smallShm'> & { path: string; egressId: string };

/** `nobody` on every Linux: the sandbox does not work for root, and a page has no business with root's rights. */
const NOBODY = 65_534;
const SHM_BYTES = 256 * 1024 * 1024;
const HEARD = 4096;
const PROFILES = 'openair-page-';

/**
 * Starts Chromium with an empty profile and an environment that holds nothing of ours. It ends with us: without its pipe it exits.
 * @throws Error in a person's words when it cannot be started
 */
export async function startChromium(options: ChromiumOptions): Promise<Chromium> {
  const profile = await freshProfile(options.egressId);
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : null;
  if (asNobody) chownSync(profile, asNobody.uid, asNobody.gid);
  const args = [...chromiumFlags({ ...options, profile, smallShm: isShmSmall() }), 'about:blank'];
  const child = spawn(options.path, args, {
    ...asNobody,
    cwd: profile,
    env: { NODE_ENV: 'production', ...environmentOfPrograms(), HOME: profile, TMPDIR: profile },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    // A group of its own, which can be ended whole.
    detached: true,
  });
  let heard = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    heard = (heard + chunk.toString()).slice(-HEARD);
  });
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`Chromium could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(reasonOf(code, signal, heard)));
  });
  const [out, back] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const devtools = new DevTools({ in: back, out });
  return {
    devtools,
    pid: child.pid,
    gone,
    async kill() {
      endGroup(child);
      await gone;
      devtools.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
    },
  };
}

/** An empty folder that names us; those of processes that are gone are deleted: who is killed leaves one behind. */
async function freshProfile(egressId: string): Promise<string> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PROFILES));
  for (const name of names) {
    const [, owner] = /-(\d+)-[^-]+$/.exec(name) ?? [];
    if (owner === undefined || isRunning(Number(owner))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
  return mkdtemp(join(tmpdir(), `${PROFILES}${egressId}-${process.pid}-`));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}

function isShmSmall(): boolean {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize < SHM_BYTES;
  } catch {
    return true;
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function reasonOf(code: number | null, signal: string | null, heard: string): string {
  if (/No usable sandbox|SUID sandbox helper/i.test(heard)) {
    return "Chromium's sandbox cannot be used here. Allow user namespaces or install chromium-sandbox; or set enable_chrome_sandbox: false in egress.yaml.";
  }
  return `Chromium ended by itself (${signal ?? `exit code ${code}`})`;
}
