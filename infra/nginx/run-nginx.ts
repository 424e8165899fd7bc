import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fillTemplate } from '../native/settings/fill-template.ts';

/** A running nginx on loopback, for tests and benches. */
export type Nginx = { base: string; port: number; pid: number; stop(): Promise<void> };

/** A port of loopback that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (!address || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/**
 * Runs nginx as one process with files of its own.
 * @param http what stands in `http { }`, given its port and a folder
 * @throws Error with nginx's own words when it does not start
 */
export async function runNginx(http: (at: { port: number; folder: string }) => string): Promise<Nginx> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'openair-nginx-'));
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  mkdirSync(join(folder, 'cache'));
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn; worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http { ${paths.join(' ')} access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; keepalive_timeout 300s;
${http({ port, folder })}
}`,
  );
  const child = spawn('nginx', ['-c', config, '-p', folder], { stdio: 'ignore' });
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const base = `http://127.0.0.1:${port}`;
  for (let left = 100; ; left--) {
    const answers = await fetch(base).then(
      () => true,
      () => false,
    );
    if (answers) return { base, port, pid: child.pid ?? 0, stop };
    if (left === 0 || child.exitCode !== null) {
      const words = readFileSync(join(folder, 'error.log'), 'utf8');
      await stop();
      throw new Error(`nginx did not start: ${words}`);
    }
    await wait(50);
  }
}

/** nginx with `cache.conf` in front of an origin. @param upstream `127.0.0.1:8801` */
export function runCache(upstream: string): Promise<Nginx> {
  const template = readFileSync(join(import.meta.dirname, 'cache.conf'), 'utf8');
  return runNginx(({ port, folder }) => {
    const values = {
      CACHE_DIR: join(folder, 'cache'),
      CACHE_SIZE: '200m',
      PLAYBACK_UPSTREAM: upstream,
      LISTEN: `127.0.0.1:${port}`,
    };
    const { text, problems } = fillTemplate(template, values, 'lines');
    if (problems.length > 0) throw new Error(problems.join(', '));
    return text;
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
