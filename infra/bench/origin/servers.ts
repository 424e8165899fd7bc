import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { PLAYBACK_NODE } from '../../native/parts/ours.ts';
import { freePort, runNginx } from '../../nginx/run-nginx.ts';
import { processTimes, type TreeTimes } from '../lib/cpu.ts';
import type { Install } from '../lib/install.ts';
import type { LoadPlan, LoadResult } from './load.ts';

/** Something that is measured: one process on one port. */
export type Measured = { port: number; pid: number; stop(): Promise<void> };

/** Pins all threads of a process to one core, so that server and viewers do not take each other's time; with one core it does nothing. */
export function pin(pid: number, core: number): void {
  if (cpus().length > 1) execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
}

/**
 * An origin of its own beside the install's, as it is started there, on the install's Redis and storage.
 * @param profileTo folder for a V8 CPU profile
 */
export async function startOrigin(install: Install, profileTo?: string): Promise<Measured> {
  const port = await freePort();
  const env = { ...process.env, ...install.env, PLAYBACK_PORT: String(port), LOG_LEVEL: 'error' };
  const profile = profileTo ? ['--cpu-prof', `--cpu-prof-dir=${profileTo}`] : [];
  const args = [...profile, ...PLAYBACK_NODE, '--import', 'tsx', 'app/_playback/main.ts'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (let left = 2000; !(await answers()); left--) {
    if (left === 0 || child.exitCode !== null) throw new Error('the origin does not answer');
    await wait(10);
  }
  const stop = async () => {
    if (child.exitCode !== null) return;
    // A profile is written at a proper end.
    child.kill(profileTo ? 'SIGTERM' : 'SIGKILL');
    await once(child, 'exit');
  };
  return { port, pid: child.pid ?? 0, stop };
}

/** Parts that nginx serves round and round, for each rendition. */
export const FILE_COUNT = 20;

/**
 * nginx that serves files of the very bytes an origin gave: its list, plain and compressed, and parts.
 * @param origin a running one that has the show under `path`
 */
export async function startFiles(
  origin: Measured,
  path: string,
  parts: string[],
  renditions: string[],
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'openair-files-'));
  for (const rendition of renditions) {
    const target = join(folder, path, rendition);
    mkdirSync(target, { recursive: true });
    const base = `http://127.0.0.1:${origin.port}${path}/${rendition}`;
    const list = await fetch(`${base}/media.m3u8?_HLS_skip=YES`, { headers: { 'accept-encoding': 'identity' } });
    const text = Buffer.from(await list.arrayBuffer());
    writeFileSync(join(target, 'media.m3u8'), text);
    writeFileSync(
      join(target, 'media.m3u8.gz'),
      await rawGzip(origin.port, `${path}/${rendition}/media.m3u8?_HLS_skip=YES`),
    );
    for (let i = 0; i < FILE_COUNT; i++) {
      const answer = await fetch(`${base}/${parts[i % parts.length]}.m4s`);
      if (!answer.ok) throw new Error(`a part for nginx: ${answer.status}`);
      writeFileSync(join(target, `${i}.m4s`), Buffer.from(await answer.arrayBuffer()));
    }
  }
  const nginx = await runNginx(
    ({ port }) => `open_file_cache max=1000 inactive=300s; types { application/vnd.apple.mpegurl m3u8; video/mp4 m4s; }
server { listen 127.0.0.1:${port}; root ${folder};
  location / { gzip_static on; etag on; tcp_nodelay on; add_header Access-Control-Allow-Origin *; add_header Cache-Control "public, max-age=6"; } }`,
  );
  const stop = async () => {
    await nginx.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { port: nginx.port, pid: nginx.pid, stop };
}

async function rawGzip(port: number, path: string): Promise<Buffer> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, headers: { 'accept-encoding': 'gzip' } }, (answer) => {
      const chunks: Buffer[] = [];
      answer
        .on('data', (chunk) => chunks.push(chunk))
        .on('end', () => {
          const zipped = Buffer.concat(chunks);
          gunzipSync(zipped); // throws when it is not
          resolve(zipped);
        });
    }).on('error', reject);
  });
}

export type Round = LoadResult & { cpuS: number; seconds: number; rssMb: number };

/** One round of scripted viewers against a server, and what that cost it. */
export async function runLoad(server: Measured, plan: LoadPlan, core: number): Promise<Round> {
  const child = fork(join(import.meta.dirname, 'load.ts'), [JSON.stringify(plan)], { execArgv: ['--import', 'tsx'] });
  pin(child.pid ?? 0, core);
  let before: TreeTimes | null = null;
  let after: TreeTimes | null = null;
  const limit = setTimeout(() => child.kill('SIGKILL'), (plan.warmS + plan.seconds + 30) * 1000);
  const result = await new Promise<LoadResult>((resolve, reject) => {
    child.on('message', (message) => {
      if (message === 'begin') before = processTimes(server.pid);
      else if (message === 'end') after = processTimes(server.pid);
      else resolve(message as LoadResult);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the viewers ended with ${code}`)));
  }).finally(() => clearTimeout(limit));
  if (child.exitCode === null) await once(child, 'exit');
  const [from, to] = [before, after] as [TreeTimes | null, TreeTimes | null];
  if (!from || !to) throw new Error('the viewers did not say when they began and ended');
  return { ...result, cpuS: to.cpuS - from.cpuS, seconds: plan.seconds, rssMb: to.rssMb };
}
