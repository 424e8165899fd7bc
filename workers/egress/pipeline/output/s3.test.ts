import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { TooLate } from '../../in-time.ts';
import { openBucket } from './s3.ts';

const server = createServer();
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('a storage that stops in the middle of an object is one that is away, and its connection is let go of', async () => {
  const gone: Promise<unknown>[] = [];
  server.on('request', (request, response) => {
    gone.push(once(request.socket, 'close'));
    response.writeHead(200, { 'content-length': 1000, etag: '"x"', 'last-modified': new Date(0).toUTCString() });
    response.write('only the beginning');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const plan = { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', bucket: 'shows', forcePathStyle: true };
  const bucket = openBucket({ ...plan, accessKey: 'accesskey', secretKey: 'secretkey' }, 200);
  await expect(bucket.get('media/pb_1/index.json')).rejects.toBeInstanceOf(TooLate);
  await Promise.all(gone);
});
