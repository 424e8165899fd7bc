import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openDatabase, run } from './database.ts';

/** What PostgreSQL says to whoever signs in without a password: AuthenticationOk, ReadyForQuery. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

test('R-54: a database that takes a question and never answers is one that is away, and its connection is given up', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once('data', () => socket.write(WELCOME));
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = openDatabase(`postgres://anyone@127.0.0.1:${port}/any`, () => {}, 50);
  const asked = await run(pool, 'select 1').then(
    () => null,
    (error: unknown) => error,
  );
  expect(asked).toMatchObject({ code: 'database-unavailable' });
  await expect.poll(() => sockets.every((socket) => socket.closed)).toBe(true);
  expect(pool.totalCount).toBe(0);
  await pool.end();
  server.close();
});
