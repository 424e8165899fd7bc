import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCanvas } from '@napi-rs/canvas';
import { afterEach, describe, expect, test } from 'vitest';
import { fetchPicture, MAX_BYTES } from './fetch-picture.ts';
import { isDecodable, readPictureFacts } from './picture-facts.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.png?b=c`;
}

const anywhere = () => true;

describe('fetchPicture', () => {
  test('gives the bytes, and asks for what was asked', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.url, request.headers.host);
      response.end('picture');
    });
    expect((await fetchPicture(url, anywhere)).toString()).toBe('picture');
    expect(seen).toEqual(['/a.png?b=c', new URL(url).host]);
  });

  test('connects to no address that the rule refuses, and to the checked one only', async () => {
    const asked: string[] = [];
    const url = await serve(() => expect.unreachable('it was connected to'));
    const refuse = (address: string, port: number, host: string) => {
      asked.push(`${address} ${port} ${host}`);
      return false;
    };
    await expect(fetchPicture(url.replace('127.0.0.1', 'localhost'), refuse)).rejects.toThrow('not public');
    expect(asked.some((one) => one.startsWith('127.0.0.1 ') && one.endsWith(' localhost'))).toBe(true);
    for (const odd of ['http://2130706433:1/', 'http://0x7f.1:1/', 'http://[::ffff:127.0.0.1]:1/']) {
      await expect(fetchPicture(odd, refuse)).rejects.toThrow('not public');
    }
    await expect(fetchPicture('file:///etc/passwd', anywhere)).rejects.toThrow('only http');
  });

  test('follows no redirect', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end());
    await expect(fetchPicture(url, anywhere)).rejects.toThrow('answered 302');
  });

  test('gives up what is too large, announced or not, and what drips', async () => {
    const announced = await serve((_, response) =>
      response.writeHead(200, { 'content-length': MAX_BYTES + 1 }).write('x'),
    );
    await expect(fetchPicture(announced, anywhere)).rejects.toThrow('5 MB');
    const endless = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(256 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    await expect(fetchPicture(endless, anywhere)).rejects.toThrow('5 MB');
    const dripping = await serve((_, response) => {
      response.write('x');
    });
    await expect(fetchPicture(dripping, anywhere, 100)).rejects.toThrow('within 0.1 s');
  });

  test('a data URL is its own answer', async () => {
    expect(
      (await fetchPicture(`data:image/png;base64,${Buffer.from('hi').toString('base64')}`, anywhere)).toString(),
    ).toBe('hi');
  });
});

describe('readPictureFacts', () => {
  test.each(['png', 'jpeg', 'webp'] as const)('reads the size of a %s', async (type) => {
    const canvas = createCanvas(37, 21);
    canvas.getContext('2d').fillRect(3, 3, 9, 9);
    const bytes = type === 'png' ? await canvas.encode('png') : await canvas.encode(type, 80);
    expect(readPictureFacts(bytes)).toEqual({ type, width: 37, height: 21 });
    for (let length = 0; length < 24; length++)
      expect(readPictureFacts(bytes.subarray(0, length))?.width ?? 37).toBe(37);
  });

  test('anything else is nothing, and a picture of many megapixels is not decoded', () => {
    for (const text of ['', '<svg/>', 'GIF89a', 'BM']) expect(readPictureFacts(Buffer.from(text))).toBe(null);
    expect(isDecodable({ type: 'png', width: 30_000, height: 30_000 })).toBe(false);
    expect(isDecodable({ type: 'png', width: 8000, height: 8000 })).toBe(false);
    expect(isDecodable({ type: 'png', width: 4000, height: 4000 })).toBe(true);
  });
});
