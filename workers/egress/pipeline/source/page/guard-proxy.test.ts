import { createServer, request as httpRequest } from 'node:http';
import { connect, createServer as createTcp, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { GuardProxy, type ResolveTarget } from './guard-proxy.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const portOf = (server: { address(): unknown }) => (server.address() as { port: number }).port;

/** @param resolve what names lead to; `open.example` and 127.0.0.1 are allowed by default */
async function guard(resolve?: ResolveTarget) {
  const refused: string[] = [];
  const proxy = await GuardProxy.open({
    resolve:
      resolve ??
      (async ({ host }) => {
        if (host === 'open.example' || host === '127.0.0.1') return '127.0.0.1';
        throw Object.assign(new Error('no'), { code: host === 'unknown.example' ? 'ENOTFOUND' : 'EFORBIDDEN' });
      }),
    inside: { host: 'inside.localhost', answer: (_request, response) => void response.end('inside') },
    onRefused: (host, port) => refused.push(`${host}:${port}`),
  });
  closers.push(() => proxy.close());
  return { proxy, refused };
}

async function site() {
  const seen: { host?: string; path?: string; headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ host: request.headers.host, path: request.url, headers: request.headers, body });
    response.setHeader('x-site', 'yes');
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return { port: portOf(server), seen };
}

type Answer = { status: number; text: string; headers: Record<string, unknown> };
function through(port: number, url: string, { method = 'GET', body = '', headers = {} } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = httpRequest({ host: '127.0.0.1', port, method, path: url, headers }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers });
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Asks for a tunnel; gives the status line and the socket. */
function tunnel(port: number, target: string): Promise<{ status: string; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`),
    );
    closers.push(() => socket.destroy());
    socket.once('data', (data) => resolve({ status: data.toString().split('\r\n')[0] ?? '', socket }));
    socket.on('error', reject);
  });
}

test('a request goes to the address that was checked, under its own name, and without what concerns proxies alone', async () => {
  const { proxy } = await guard();
  const { port, seen } = await site();
  const headers = { 'proxy-authorization': 'secret', cookie: 'a=b' };
  const answer = await through(proxy.port, `http://open.example:${port}/a?b=c`, {
    method: 'POST',
    body: 'text',
    headers,
  });
  expect(answer).toMatchObject({ status: 200, text: 'hello', headers: { 'x-site': 'yes' } });
  expect(seen).toMatchObject([{ host: `open.example:${port}`, path: '/a?b=c', body: 'text' }]);
  expect(seen[0]?.headers).toMatchObject({ cookie: 'a=b' });
  expect(seen[0]?.headers).not.toHaveProperty('proxy-authorization');
});

test('an address that is refused is answered with 403 and told, one without an answer with 502', async () => {
  const { proxy, refused } = await guard();
  expect((await through(proxy.port, 'http://10.0.0.1/admin')).status).toBe(403);
  expect((await through(proxy.port, 'http://[::1]:8080/')).status).toBe(403);
  expect(refused).toEqual(['10.0.0.1:80', '::1:8080']);
  expect((await through(proxy.port, 'http://unknown.example/')).status).toBe(502);
  expect((await through(proxy.port, 'http://127.0.0.1:1/')).status).toBe(502);
  expect(refused).toHaveLength(2);
});

test('every request is checked anew: a name that turns to a private address later is refused then', async () => {
  let times = 0;
  const { proxy, refused } = await guard(async () => {
    if (++times > 1) throw Object.assign(new Error('no'), { code: 'EFORBIDDEN' });
    return '127.0.0.1';
  });
  const { port, seen } = await site();
  expect((await through(proxy.port, `http://turns.example:${port}/`)).status).toBe(200);
  expect((await through(proxy.port, `http://turns.example:${port}/`)).status).toBe(403);
  expect([seen.length, refused.length]).toEqual([1, 1]);
});

test('a tunnel carries bytes both ways, ends with either side, and is refused like a request', async () => {
  const { proxy, refused } = await guard();
  const echo = createTcp((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  closers.push(() => echo.close());
  const { status, socket } = await tunnel(proxy.port, `open.example:${portOf(echo)}`);
  expect(status).toBe('HTTP/1.1 200 Connected');
  const back = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.write('ping');
  expect(await back).toBe('ping');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end();
  await closed;
  expect((await tunnel(proxy.port, '169.254.169.254:80')).status).toMatch(/ 403 /);
  expect((await tunnel(proxy.port, 'nonsense')).status).toMatch(/ 400 /);
  expect(refused).toEqual(['169.254.169.254:80']);
});

test('what asks the proxy as if it were a web server is refused, and its own host is answered inside', async () => {
  const { proxy } = await guard();
  expect((await through(proxy.port, '/')).status).toBe(400);
  expect((await through(proxy.port, 'http://inside.localhost/x')).text).toBe('inside');
  expect((await tunnel(proxy.port, 'inside.localhost:80')).status).toMatch(/ 403 /);
});

test('a tab that breaks its tunnel off while the name is looked up takes nobody along', async () => {
  let find: (address: string) => void = () => undefined;
  const asked: string[] = [];
  const { proxy } = await guard(({ host }) => {
    asked.push(host);
    return host === '127.0.0.1' ? Promise.resolve(host) : new Promise((resolve) => (find = resolve));
  });
  const { port } = await site();
  const tab = connect(proxy.port, '127.0.0.1');
  tab.write('CONNECT slow.example:443 HTTP/1.1\r\nhost: slow.example:443\r\n\r\n');
  await expect.poll(() => asked).toEqual(['slow.example']);
  tab.resetAndDestroy();
  // Answered behind the reset: by then the proxy has heard of it.
  expect((await through(proxy.port, `http://127.0.0.1:${port}/`)).text).toBe('hello');
  find('127.0.0.1');
  expect((await through(proxy.port, `http://127.0.0.1:${port}/`)).text).toBe('hello');
});

test('an answer that cannot be passed on is a 502, whatever the server makes up', async () => {
  const odd = createTcp((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n'));
  });
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
  closers.push(() => odd.close());
  const { proxy } = await guard();
  expect((await through(proxy.port, `http://127.0.0.1:${portOf(odd)}/`)).status).toBe(502);
});
