import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../../../../infra/nginx/run-nginx.ts';
import { FarEnds } from './fixtures/far-ends.ts';
import { openTestAuthority } from './fixtures/test-authority.ts';

/** Other makes of RTMP server at the other end: FFmpeg's and nginx's, the latter behind TLS too. */
const wait = { timeout: 20_000 };
let ends: FarEnds;
beforeAll(() => {
  ends = new FarEnds();
});
afterEach(() => ends.end());
afterAll(() => ends.close());

const isWhole = (times: number[]) =>
  times.slice(1).every((ms, index) => [33, 34].includes(ms - (times[index] ?? Number.NaN)));

test("FFmpeg's RTMP server gets every picture of a push", async () => {
  const port = await freePort();
  const { times } = ends.receive(['-listen', '1', '-f', 'flv', '-i', `rtmp://127.0.0.1:${port}/live/key`]);
  const bench = ends.push(`rtmp://127.0.0.1:${port}/live/key`);
  await vi.waitFor(() => expect(times().length).toBeGreaterThan(150), wait);
  expect(isWhole(times())).toBe(true);
  expect(bench.last('a')).toMatchObject({ state: 'pushing', droppedFrames: 0 });
});

/** nginx with its RTMP module, which plays out what it gets; `refuse` answers every publisher with no. */
async function startNginx(): Promise<number> {
  const port = await freePort();
  const gate = await freePort();
  const { folder } = ends;
  const config = join(folder, `nginx-${port}.conf`);
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/nginx-${port}.pid; error_log ${folder}/nginx-${port}.log;
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
events { worker_connections 64; }
rtmp { server { listen 127.0.0.1:${port};
  application live { live on; wait_key on; }
  application guarded { live on; on_publish http://127.0.0.1:${gate}/; } } }
`,
  );
  const guard = createServer((socket) =>
    socket.on('error', () => {}).end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
  );
  guard.listen(gate, '127.0.0.1');
  ends.onEnd(() => guard.close());
  ends.start('nginx', ['-c', config, '-p', folder]);
  await vi.waitFor(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1' }, () => resolve(void socket.destroy()));
        socket.on('error', reject);
      }),
    wait,
  );
  return port;
}

test('nginx takes a push and plays it out whole; behind TLS too', async () => {
  const port = await startNginx();
  const authority = openTestAuthority();
  const { key, cert } = authority.issue('DNS:localhost');
  const front = createTlsServer({ key, cert }, (socket) => {
    const behind = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => behind.destroy());
    behind.on('error', () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  ends.onEnd(authority.close, () => front.close());
  const address = front.address();
  const securePort = typeof address === 'object' && address ? address.port : 0;
  const bench = ends.push(`rtmps://localhost:${securePort}/live/key`, [authority.certificate]);
  await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
  const { times } = ends.receive(['-i', `rtmp://127.0.0.1:${port}/live/key`]);
  await vi.waitFor(() => expect(times().length).toBeGreaterThan(90), wait);
  expect(isWhole(times())).toBe(true);
});

test('nginx refuses a second encoder with the same key, and one that its gate does not let in; each is said', async () => {
  const port = await startNginx();
  const bench = ends.push(`rtmp://127.0.0.1:${port}/live/key`);
  await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
  bench.set.add({ id: 'b', url: `rtmp://127.0.0.1:${port}/live/key?another` });
  bench.set.add({ id: 'c', url: `rtmp://127.0.0.1:${port}/guarded/key` });
  bench.set.add({ id: 'd', url: `rtmp://127.0.0.1:${port}/nowhere/key` });
  await vi.waitFor(() => {
    for (const id of ['b', 'c', 'd']) expect(bench.last(id)?.lastError).not.toBeNull();
  }, wait);
  expect(['b', 'c', 'd'].map((id) => [id, bench.last(id)?.lastError?.code])).toEqual([
    ['b', 'name-in-use'],
    ['c', 'rejected'],
    ['d', 'hangs-up-at-connect'],
  ]);
  expect(bench.last('a')).toMatchObject({ state: 'pushing', retries: 0, droppedFrames: 0 });
});
