import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../nginx/run-nginx.ts';
import { eventually } from '../lib/install.ts';

/** nginx-rtmp as people set it up: RTMP in, plain HLS out, segments of two seconds as its users tune it. */
export type PlainHls = { rtmpUrl: string; port: number; path: string; close(): Promise<void> };

export async function startPlainHls(): Promise<PlainHls> {
  const [rtmpPort, port] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'openair-plain-'));
  mkdirSync(join(folder, 'hls'));
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
events { worker_connections 64; }
rtmp { access_log off; server { listen 127.0.0.1:${rtmpPort}; application live { live on; hls on; hls_path ${folder}/hls; hls_fragment 2s; hls_playlist_length 20s; } } }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; root ${folder}/hls; add_header Access-Control-Allow-Origin * always; add_header Cache-Control no-cache;
    types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; } } }
`,
  );
  const child: ChildProcess = spawn('nginx', ['-c', config, '-p', folder], { stdio: 'ignore' });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
  await eventually('nginx-rtmp listens', answers, 10_000);
  return {
    rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}/live/clock`,
    port,
    path: '/clock.m3u8',
    async close() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
