import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { makeEncodedStream } from './fixtures/encoded-stream.ts';
import { openPushBench } from './fixtures/push-bench.ts';
import { openTestAuthority } from './fixtures/test-authority.ts';

/** Other makes of RTMP server at the other end: FFmpeg's and nginx's, the latter behind TLS too. */
const wait = { timeout: 20_000 };
let stream: ReturnType<typeof makeEncodedStream>;
let folder = '';
beforeAll(() => {
  stream = makeEncodedStream(4);
  folder = mkdtempSync(join(tmpdir(), 'openair-rtmp-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

function startProgram(command: string, args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: 'ignore' });
  closers.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

function openBench(url: string, trusted?: string[]) {
  const bench = openPushBench({ media: stream.media, trusted });
  closers.push(() => bench.set.close(), bench.play(stream.pieces));
  bench.set.add({ id: 'a', url });
  return bench;
}

/** Times of the pictures that a player of `url` gets, in ms, from a framecrc file. */
function readPictures(input: string[]): () => number[] {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.txt`);
  startProgram('ffmpeg', [
    '-v',
    'error',
    '-y',
    ...input,
    '-map',
    '0:v',
    '-c',
    'copy',
    '-flush_packets',
    '1',
    '-f',
    'framecrc',
    file,
  ]);
  return () =>
    (existsSync(file) ? readFileSync(file, 'utf8') : '')
      .split('\n')
      .filter((line) => /^0,/.test(line))
      .map((line) => Number(line.split(',')[2]));
}

const isWhole = (times: number[]) =>
  times.slice(1).every((ms, index) => [33, 34].includes(ms - (times[index] ?? Number.NaN)));

test("FFmpeg's RTMP server gets every picture of a push", async () => {
  const port = await freePort();
  const times = readPictures(['-listen', '1', '-f', 'flv', '-i', `rtmp://127.0.0.1:${port}/live/key`]);
  const bench = openBench(`rtmp://127.0.0.1:${port}/live/key`);
  await vi.waitFor(() => expect(times().length).toBeGreaterThan(150), wait);
  expect(isWhole(times())).toBe(true);
  expect(bench.last('a')).toMatchObject({ state: 'pushing', droppedFrames: 0 });
});

/** nginx with its RTMP module, which plays out what it gets; `refuse` answers every publisher with no. */
async function startNginx(): Promise<number> {
  const port = await freePort();
  const gate = await freePort();
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
  closers.push(() => guard.close());
  startProgram('nginx', ['-c', config, '-p', folder]);
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
  closers.push(authority.close, () => front.close());
  const address = front.address();
  const securePort = typeof address === 'object' && address ? address.port : 0;
  const bench = openBench(`rtmps://localhost:${securePort}/live/key`, [authority.certificate]);
  await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
  const times = readPictures(['-i', `rtmp://127.0.0.1:${port}/live/key`]);
  await vi.waitFor(() => expect(times().length).toBeGreaterThan(90), wait);
  expect(isWhole(times())).toBe(true);
});

test('nginx refuses a second encoder with the same key, and one that its gate does not let in; each is said', async () => {
  const port = await startNginx();
  const bench = openBench(`rtmp://127.0.0.1:${port}/live/key`);
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
