import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../bench/lib/install.ts';
import { freePort } from '../nginx/run-nginx.ts';

/** An outside platform: nginx with its RTMP module, on loopback, that can be stopped and started again on the same port. */
export type RtmpSink = {
  /** `rtmp://127.0.0.1:{port}/live`. */
  url: string;
  /** An application of the same server that lets no publisher in, whatever the key. */
  refusingUrl: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Bytes that the sink received for a key so far, of its present life; 0 when nobody publishes it. */
  bytesIn(key: string): Promise<number>;
  /** Stops it and removes its files. */
  close(): Promise<void>;
};

export async function openRtmpSink(): Promise<RtmpSink> {
  const [port, statPort] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'openair-sink-'));
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, configOf(folder, port, statPort));
  let child: ChildProcess | null = null;
  const stop = async () => {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null) return;
    running.kill('SIGTERM');
    await once(running, 'exit');
  };
  return {
    url: `rtmp://127.0.0.1:${port}/live`,
    refusingUrl: `rtmp://127.0.0.1:${port}/guarded`,
    async start() {
      child = spawn('nginx', ['-c', config, '-p', folder], { stdio: 'ignore' });
      await eventually('the sink listens', () => answers(port), 10_000);
    },
    stop,
    async bytesIn(key) {
      const page = await (await fetch(`http://127.0.0.1:${statPort}/stat`)).text();
      const stream = page.split('<stream>').find((each) => each.includes(`<name>${key}</name>`));
      return Number(/<bytes_in>(\d+)</.exec(stream ?? '')?.[1] ?? 0);
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(folder: string, port: number, statPort: number): string {
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
events { worker_connections 64; }
rtmp { access_log off; server { listen 127.0.0.1:${port}; application live { live on; }
  application guarded { live on; on_publish http://127.0.0.1:${statPort}/gate; } } }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${statPort}; location /stat { rtmp_stat all; } location /gate { return 403; } } }
`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
