import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { StepError } from '../step-error.ts';
import { locked } from './locked.ts';
import { runLogged } from './run-logged.ts';

/** What the web build is made from; tests are not. */
const SOURCES = [
  'app',
  'player',
  'public',
  'proxy.ts',
  'next.config.ts',
  'postcss.config.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
const NOT_SOURCE = /(\.test\.tsx?|\.contract\.ts|[/\\](node_modules|dist|public[/\\]player)[/\\])/;
const KEPT_BUILDS = 3;
const BUILDS = '.openair/web-builds';

/** @returns a name for the present state of the sources */
export function sourcesHash(repo: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const source of SOURCES) {
    for (const file of filesIn(join(repo, source))) {
      if (NOT_SOURCE.test(file)) continue;
      hash.update(relative(repo, file)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** Whether the home's web folder was made from the sources as they are now. */
export function isWebCurrent(repo: string, home: string): boolean {
  const stamp = join(home, 'web/.stamp');
  return existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === sourcesHash(repo);
}

/**
 * Builds the pages (once a state of the sources, shared by the homes of this checkout) and copies the result to HOME/web, which is
 * all that the web process reads. Next wants its folder inside the repository: `.openair/web-builds/<hash>`
 * (never `.openair/web`: that is the default home's copy).
 */
export async function buildWeb(repo: string, home: string, logFile: string): Promise<void> {
  const hash = sourcesHash(repo);
  const build = join(BUILDS, hash);
  const done = join(repo, build, '.done');
  await locked(join(repo, `${BUILDS}.lock`), async () => {
    if (existsSync(done)) return;
    dropOldBuilds(join(repo, BUILDS));
    writeTsconfig(repo, build);
    await runLogged(process.execPath, ['player/build.mjs'], {
      cwd: repo,
      env: process.env,
      logFile,
      sentence: 'Building the player failed',
    });
    await runLogged(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
      cwd: repo,
      env: { ...process.env, NODE_ENV: 'production', OPENAIR_BUILD_DIR: build, NEXT_TELEMETRY_DISABLED: '1' },
      logFile,
      sentence: 'Building the pages failed',
    });
    if (!existsSync(join(repo, build, 'standalone/server.js'))) {
      throw new StepError(`The build made no standalone server: next.config.ts must say output: 'standalone'`, {
        logFile,
      });
    }
    writeFileSync(done, '');
  });
  copyWeb(repo, build, join(home, 'web'), hash);
}

/** Made beside, then moved: a half copied folder never has the name that is started. */
function copyWeb(repo: string, build: string, web: string, hash: string): void {
  const next = `${web}.new`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true, mode: 0o700 });
  cpSync(join(repo, build, 'standalone'), next, { recursive: true, verbatimSymlinks: true });
  cpSync(join(repo, build, 'static'), join(next, build, 'static'), { recursive: true });
  if (existsSync(join(repo, 'public'))) cpSync(join(repo, 'public'), join(next, 'public'), { recursive: true });
  // The server that Next writes is CommonJS; the repository's own package.json above a home inside it says otherwise.
  writeFileSync(join(next, 'package.json'), '{ "type": "commonjs" }\n');
  writeFileSync(join(next, '.stamp'), `${hash}\n`);
  rmSync(web, { recursive: true, force: true });
  renameSync(next, web);
}

/** Next writes into the tsconfig it is given; the repository's own must stay as it was committed. */
function writeTsconfig(repo: string, build: string): void {
  const file = join(repo, `${build}.tsconfig.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({ extends: '../../tsconfig.json', include: ['../../next-env.d.ts', '../../app'] }),
  );
}

function dropOldBuilds(folder: string): void {
  if (!existsSync(folder)) return;
  const byAge = readdirSync(folder)
    .map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { name } of byAge.slice(KEPT_BUILDS - 1)) rmSync(join(folder, name), { recursive: true, force: true });
}

function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
