import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceLog } from '#bus/service-log';
import { SPOOL_NOTE, SPOOL_PREFIX, SPOOL_PURPOSE, type SpoolNote } from '../late-upload.ts';
import { unseal } from '../sealed.ts';

export type LateUploadDeps = {
  /** Where the spool folders lie. */
  root: string;
  /** LiveKit's API secret: folders of other installations stay closed. */
  secret: string;
  workerId: string;
  isKnownDead(workerId: string): boolean;
  /** Egresses that run on any worker, or may still be taken over by one: their folders are theirs. @throws when it cannot be asked */
  runningAnywhere(): Promise<ReadonlySet<string>>;
  /** Starts the process that stores one folder. @param done called once, when it ended */
  start(
    job: { folder: string; note: SpoolNote },
    events: { waiting(count: number): void; done(): void },
  ): { kill(): void };
  log: ServiceLog;
};

export type LateUploads = {
  /** Looks for folders that nobody works at; called by itself every few seconds. */
  scan(): Promise<void>;
  /** Objects that wait on this worker's disk. */
  waiting(): number;
  stop(): void;
};

const SCAN_MS = 5_000;
const AT_ONCE = 2;
/** A folder this young may belong to a process that is just closing. */
const YOUNG_MS = 3_000;
const LOCK = 'lock';
/** A lock is touched at each report; one that is not for so long is a worker's that is gone. */
const LOCK_SILENT_MS = 60_000;

const isBusy = (id: string, busy: ReadonlySet<string>) => [...busy].some((egress) => isOf(id, egress));
/** A folder is named by its egress, with the output behind it where that has a spool of its own. */
const isOf = (id: string, egress: string) => id === egress || id.startsWith(`${egress}-`);

/**
 * Brings into storage what egresses left on this machine's disk when they ended while storage was away, or with their worker. One worker
 * a folder: a lock file names it, and a dead one's lock is broken.
 */
export function watchLateUploads(deps: LateUploadDeps): LateUploads {
  const { root, log } = deps;
  const working = new Map<string, { kill(): void }>();
  const waiting = new Map<string, number>();
  let scanning = false;
  let stopped = false;

  async function readNote(folder: string): Promise<SpoolNote | null> {
    const sealed = await readFile(join(folder, SPOOL_NOTE)).catch(() => null);
    return sealed && (unseal(deps.secret, SPOOL_PURPOSE, sealed) as SpoolNote | null);
  }

  async function lock(folder: string): Promise<boolean> {
    const file = join(folder, LOCK);
    const holder = await readFile(file, 'utf8').catch(() => null);
    if (holder !== null) {
      const touched = await stat(file).catch(() => null);
      const silent = touched !== null && Date.now() - touched.mtimeMs > LOCK_SILENT_MS;
      if (holder !== deps.workerId && !deps.isKnownDead(holder) && !silent) return false;
      await rm(file, { force: true });
    }
    try {
      const made = await open(file, 'wx', 0o600);
      await made.writeFile(deps.workerId);
      await made.close();
      return true;
    } catch {
      return false;
    }
  }

  async function look(name: string, busy: ReadonlySet<string>): Promise<void> {
    const folder = join(root, name);
    if (working.has(name) || working.size >= AT_ONCE || isBusy(name.slice(SPOOL_PREFIX.length), busy)) return;
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs < YOUNG_MS) return;
    const note = await readNote(folder);
    if (!note || stopped || !(await lock(folder))) return;
    log.warn({ egressId: note.egressId }, 'an egress left objects on disk; they are brought into storage');
    const events = {
      waiting(count: number) {
        waiting.set(name, count);
        const now = new Date();
        utimes(join(folder, LOCK), now, now).catch(() => undefined);
      },
      done() {
        working.delete(name);
        waiting.delete(name);
        void rm(join(folder, LOCK), { force: true });
      },
    };
    working.set(name, deps.start({ folder, note }, events));
  }

  async function scan(): Promise<void> {
    if (scanning || stopped) return;
    scanning = true;
    try {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const names = (await readdir(root)).filter((name) => name.startsWith(SPOOL_PREFIX));
      if (names.length === 0) return;
      const busy = await deps.runningAnywhere();
      // One that vanishes meanwhile is another worker's.
      for (const name of names) await look(name, busy).catch(() => undefined);
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'spool folders cannot be looked at');
    } finally {
      scanning = false;
    }
  }

  const timer = setInterval(() => void scan(), SCAN_MS);
  return {
    scan,
    waiting: () => [...waiting.values()].reduce((sum, count) => sum + count, 0),
    stop() {
      stopped = true;
      clearInterval(timer);
      for (const process of working.values()) process.kill();
    },
  };
}
