import { createServer, get, type RequestListener, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openFilterProxy } from './filter-proxy.ts';
import { readPullUrl } from './pull-url.ts';
import { openRtspRelay } from './rtsp-relay.ts';
import { createTargetGuard, ForbiddenTarget, type TargetGuard } from './target-guard.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

describe('an address to pull', () => {
  test.each([
    ['https://example.org/a.m3u8', { scheme: 'https', host: 'example.org', port: 443, loop: false }],
    ['http://example.org:8080/a.mp4#loop', { scheme: 'http', port: 8080, loop: true }],
    ['srt://example.org:9000?streamid=x', { scheme: 'srt', port: 9000 }],
    ['rtsp://user:pass@example.org/cam', { scheme: 'rtsp', port: 554 }],
  ])('%s is taken apart', (text, wanted) => {
    expect(readPullUrl(text)).toMatchObject(wanted);
  });

  test.each([
    'file:///etc/passwd',
    'concat:a|b',
    'data:video/mp4;base64,AA',
    'srt://example.org',
    'nonsense',
    'ftp://a/b',
  ])('%s is refused in words', (text) => {
    expect(readPullUrl(text)).toMatch(/\.$/);
  });
});

describe('the guard', () => {
  const known = (addresses: string[]) => createTargetGuard('', '8800,8804', async () => addresses);

  test.each([
    '127.0.0.1',
    '127.1',
    '0.0.0.0',
    '2130706433',
    '0x7f.0.0.1',
    '10.0.0.1',
    '172.16.3.4',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[2002:7f00:1::]',
    'localhost',
    'localhost.',
    'metadata.google.internal',
    'printer.local',
  ])('%s is refused', async (host) => {
    const { hostname } = new URL(`http://${host}/`);
    await expect(known(['127.0.0.1']).resolve(hostname, 80)).rejects.toThrow(ForbiddenTarget);
  });

  test('a name whose every address leads inward is refused, one with a public address is pinned to it', async () => {
    await expect(known(['10.0.0.1', '::1']).resolve('example.org', 443)).rejects.toThrow('not public');
    expect(await known(['10.0.0.1', '93.184.216.34']).resolve('example.org', 443)).toBe('93.184.216.34');
  });

  test('what the operator allows is reached, except on our own ports', async () => {
    const guard = createTargetGuard('127.0.0.0/8', '8800', async () => ['127.0.0.1']);
    expect(await guard.resolve('127.0.0.1', 9000)).toBe('127.0.0.1');
    await expect(guard.resolve('127.0.0.1', 8800)).rejects.toThrow('own');
  });
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Only this port of loopback is "public"; every name has the address that `looked` gives next. */
function guardFor(port: number, looked: () => string = () => '127.0.0.1'): TargetGuard {
  return {
    async resolve(_host, asked) {
      const address = looked();
      if (asked === port && address === '127.0.0.1') return address;
      throw new ForbiddenTarget('This address is not public.');
    },
  };
}

async function proxied(guard: TargetGuard, url: string, method = 'GET'): Promise<{ status: number; body: string }> {
  const proxy = await openFilterProxy(guard);
  closing.push(() => proxy.close());
  const { hostname, port } = new URL(proxy.url);
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: hostname, port, method, path: url, headers: { host: new URL(url).host } },
      (answer) => {
        let body = '';
        answer.on('data', (piece) => {
          body += piece;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

describe('the filtering proxy', () => {
  test('passes an allowed request on with its name, and judges each one anew', async () => {
    const hosts: (string | undefined)[] = [];
    const port = await serve((asked, answer) => {
      hosts.push(asked.headers.host);
      answer.end('media');
    });
    expect(await proxied(guardFor(port), `http://shows.example:${port}/a.ts`)).toEqual({ status: 200, body: 'media' });
    expect(hosts).toEqual([`shows.example:${port}`]);
  });

  test('does not follow DNS that changes its mind', async () => {
    const listener = vi.fn<RequestListener>((_asked, answer) => void answer.end('media'));
    const port = await serve(listener);
    const answers = ['127.0.0.1', '169.254.169.254', '127.0.0.1'];
    const guard = guardFor(port, () => answers.shift() ?? '10.0.0.1');
    const url = `http://flips.example:${port}/a.ts`;
    const statuses = [
      (await proxied(guard, url)).status,
      (await proxied(guard, url)).status,
      (await proxied(guard, url)).status,
    ];
    expect(statuses).toEqual([200, 403, 200]);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  test('hands a redirect back instead of following it, so that its target is judged like any other', async () => {
    const inner = vi.fn<RequestListener>((_asked, answer) => void answer.end('secret'));
    const innerPort = await serve(inner);
    const port = await serve((_asked, answer) =>
      answer.writeHead(302, { location: `http://127.0.0.1:${innerPort}/latest/meta-data` }).end(),
    );
    const guard = guardFor(port);
    expect((await proxied(guard, `http://shows.example:${port}/a`)).status).toBe(302);
    expect((await proxied(guard, `http://127.0.0.1:${innerPort}/latest/meta-data`)).status).toBe(403);
    expect(inner).not.toHaveBeenCalled();
  });

  test('opens no tunnel inward, and takes no other method', async () => {
    const touched = vi.fn();
    const inner = createTcpServer(touched);
    await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
    closing.push(() => void inner.close());
    const proxy = await openFilterProxy(guardFor(1));
    closing.push(() => proxy.close());
    const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    let said = '';
    socket.on('data', (bytes) => {
      said += String(bytes);
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`CONNECT 127.0.0.1:${(inner.address() as AddressInfo).port} HTTP/1.1\r\n\r\n`);
    await closed;
    expect(said).toContain('403');
    expect(proxy.refusal()).toContain('not public');
    expect(touched).not.toHaveBeenCalled();
    const port = await serve((_asked, answer) => void answer.end());
    expect((await proxied(guardFor(port), `http://shows.example:${port}/a`, 'POST')).status).toBe(403);
  });

  test('is no web server: a request without a target is refused', async () => {
    const proxy = await openFilterProxy(guardFor(1));
    closing.push(() => proxy.close());
    const status = await new Promise((resolve) =>
      get(`${proxy.url}/etc/passwd`, (answer) => resolve(answer.statusCode)),
    );
    expect(status).toBe(403);
  });
});

test('an RTSP server that redirects is not listened to any longer, wherever its answer is cut', async () => {
  for (const cut of [0, 5, 10]) {
    const server = createTcpServer((socket) => {
      const text = 'RTSP/1.0 302 Moved\r\nLocation: rtsp://169.254.169.254/\r\n\r\n';
      socket.on('error', () => undefined);
      socket.on('data', () => {
        socket.write(text.slice(0, cut));
        setImmediate(() => socket.write(text.slice(cut)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const onRedirect = vi.fn();
    const relay = await openRtspRelay(
      { address: '127.0.0.1', port: (server.address() as AddressInfo).port },
      onRedirect,
    );
    closing.push(() => void server.close(), relay.close);
    const client = connect(relay.port, '127.0.0.1');
    let heard = '';
    client.on('data', (bytes) => {
      heard += String(bytes);
    });
    client.on('error', () => undefined);
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.write('OPTIONS rtsp://127.0.0.1/ RTSP/1.0\r\n\r\n');
    await closed;
    expect(onRedirect).toHaveBeenCalledOnce();
    expect(heard).not.toContain('169.254');
  }
});
