import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { completeLock } from './complete-lock.mjs';
import { runCommand } from './progress.mjs';
import { StepError } from './step-error.mjs';

const STAMP = 'node_modules/.openair-lock';
/** Package scripts never run (supply chain): what the one package that needs its script does is done in parts/postgres.ts. */
const CI = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];

/** @param {string} repo @returns {string} what node_modules must have been made from */
export function lockStamp(repo) {
  const lock = readFileSync(join(repo, 'package-lock.json'));
  return createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex');
}

/**
 * Whether node_modules holds what the lock file says: by our stamp, else by comparing npm's own record of what it installed.
 * @param {string} repo
 */
export function isInstalled(repo) {
  const stamp = lockStamp(repo);
  const stampFile = join(repo, STAMP);
  if (existsSync(stampFile)) return readFileSync(stampFile, 'utf8').trim() === stamp;
  const record = join(repo, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(repo, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(record, 'utf8')).packages;
  const same = Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith('node_modules/') || entry.link || entry.optional || found[path]?.version === entry.version,
  );
  if (same) writeFileSync(stampFile, `${stamp}\n`);
  return same;
}

/**
 * `npm ci`. When npm refuses a lock file that lacks optional packages of other platforms, the completed copy is installed beside the
 * repository's files and moved in, so that package-lock.json stays as it was committed.
 * @param {string} repo @param {string} logFile
 */
export async function installModules(repo, logFile) {
  const sentence = 'Installing the npm packages failed';
  try {
    await runCommand('npm', CI, { cwd: repo, logFile, sentence });
  } catch (error) {
    if (!(error instanceof StepError) || !readFileSync(logFile, 'utf8').includes('from lock file')) throw error;
    await installCompleted(repo, logFile, sentence);
  }
  writeFileSync(join(repo, STAMP), `${lockStamp(repo)}\n`);
}

async function installCompleted(repo, logFile, sentence) {
  const lockText = readFileSync(join(repo, 'package-lock.json'), 'utf8');
  const { lock, added } = completeLock(JSON.parse(lockText));
  if (added.length === 0)
    throw new StepError(`${sentence}: npm finds package-lock.json out of step with package.json; run npm install`, {
      logFile,
    });
  const room = join(repo, '.openair/install');
  rmSync(room, { recursive: true, force: true });
  for (const file of ['package.json', '.npmrc', ...workspaceFiles(repo)]) {
    mkdirSync(dirname(join(room, file)), { recursive: true });
    copyFileSync(join(repo, file), join(room, file));
  }
  writeFileSync(join(room, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  await runCommand('npm', CI, { cwd: room, logFile, sentence });
  rmSync(join(repo, 'node_modules'), { recursive: true, force: true });
  // Links to workspaces are relative (../player), so they point right again once moved.
  renameSync(join(room, 'node_modules'), join(repo, 'node_modules'));
  rmSync(room, { recursive: true, force: true });
}

function workspaceFiles(repo) {
  const { workspaces = [] } = JSON.parse(readFileSync(join(repo, 'package.json'), 'utf8'));
  return workspaces.map((folder) => join(folder, 'package.json'));
}
