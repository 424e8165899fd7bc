import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TooLate } from '../../in-time.ts';
import { openBucket } from './s3.ts';
import { EPOCH_HEADER } from './storage.ts';

let server = createServer();
beforeEach(() => {
  server = createServer();
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function openTestBucket(limitMs: number) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const plan = { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', bucket: 'shows', forcePathStyle: true };
  return openBucket({ ...plan, accessKey: 'accesskey', secretKey: 'secretkey' }, limitMs);
}

test('an object tells the epoch of its writer; one that is absent, bears none or may not be asked for has none', async () => {
  const stored = new Map<string, string | undefined>([
    ['/shows/plain', undefined],
    ['/shows/secret', 'forbidden'],
  ]);
  server.on('request', (request, response) => {
    const path = request.url ?? '';
    if (request.method === 'PUT') stored.set(path, String(request.headers[EPOCH_HEADER]));
    const epoch = stored.get(path);
    const status = epoch === 'forbidden' ? 403 : stored.has(path) ? 200 : 404;
    const meta = epoch && request.method === 'HEAD' ? { [EPOCH_HEADER]: epoch } : {};
    request.resume().on('end', () => {
      response.writeHead(status, { etag: '"x"', 'last-modified': new Date(0).toUTCString(), ...meta }).end();
    });
  });
  const bucket = await openTestBucket(5000);
  await bucket.put('index.json', Buffer.from('{}'), { [EPOCH_HEADER]: '7' });
  const asked = ['index.json', 'plain', 'absent', 'secret'].map((key) => bucket.epochOf?.(key));
  expect(await Promise.all(asked)).toEqual([7, 0, 0, 0]);
});

test('a storage that stops in the middle of an object is one that is away, and its connection is let go of', async () => {
  const gone: Promise<unknown>[] = [];
  server.on('request', (request, response) => {
    gone.push(once(request.socket, 'close'));
    response.writeHead(200, { 'content-length': 1000, etag: '"x"', 'last-modified': new Date(0).toUTCString() });
    response.write('only the beginning');
  });
  const bucket = await openTestBucket(200);
  await expect(bucket.get('media/pb_1/index.json')).rejects.toBeInstanceOf(TooLate);
  await Promise.all(gone);
});
