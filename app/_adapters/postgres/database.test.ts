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
  const pool = openDatabase(`postgres://anyone@127.0.0.1:${port}/any`, () => {}, { statementMs: 50 });
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

test('R-55: a database whose disk is full says so, and what is stored can be read on', async () => {
  const field = (name: string, text: string) => `${name}${text}\0`;
  const body = Buffer.from(`${field('S', 'ERROR')}${field('C', '53100')}${field('M', 'could not extend file')}\0`);
  const refusal = Buffer.concat([Buffer.from([0x45, 0, 0, 0, body.length + 4]), body]);
  const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
  const done = Buffer.from(`C\0\0\0\rSELECT 0\0`);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(WELCOME);
      socket.on('data', (asked) => socket.write(Buffer.concat([asked.includes('insert') ? refusal : done, ready])));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = openDatabase(`postgres://anyone@127.0.0.1:${port}/any`);
  await expect(run(pool, 'insert into anything values (1)')).rejects.toMatchObject({
    code: 'database-unavailable',
    message: expect.stringContaining('disk is full'),
  });
  expect((await run(pool, 'select 1')).rows).toEqual([]);
  await pool.end();
  server.close();
});
