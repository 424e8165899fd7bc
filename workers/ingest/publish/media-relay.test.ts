import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { asksForKey, MediaRelay } from './media-relay.ts';
import { Signalling } from './signalling.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
  closing.push(() => socket.close());
  return socket;
}
const heard = async (socket: Socket) => {
  const [datagram] = (await once(socket, 'message')) as [Buffer];
  return datagram;
};
const feedback = (first: number, type: number) => Buffer.from([first, type, 0, 2, 1, 2, 3, 4, 9, 9, 9, 9, 5, 5, 5, 5]);

test('PLI and FIR ask for a key frame; NACK, a report, media and scraps do not', () => {
  expect(asksForKey(feedback(0x81, 206))).toBe(true);
  expect(asksForKey(feedback(0x84, 206))).toBe(true);
  expect(asksForKey(feedback(0x81, 205))).toBe(false);
  expect(asksForKey(feedback(0x8f, 206))).toBe(false);
  expect(asksForKey(feedback(0x80, 201))).toBe(false);
  expect(asksForKey(feedback(0x80, 96))).toBe(false);
  expect(asksForKey(feedback(0x01, 206))).toBe(false);
  expect(asksForKey(Buffer.from([0x81, 206]))).toBe(false);
});

test('datagrams go both ways as they are, requests are told, and a stranger is not let in', async () => {
  const server = await bound();
  const muxer = await bound();
  const stranger = await bound();
  const asked = vi.fn();
  const ended = vi.fn();
  const relay = await MediaRelay.open(
    { address: '127.0.0.1', port: server.address().port },
    { onKeyRequest: asked, onEnded: ended },
  );
  closing.push(() => relay.close());
  const seen: string[] = [];
  let reply: { port: number } = { port: 0 };
  server.on('message', (datagram, from) => {
    seen.push(datagram.toString());
    reply = from;
  });
  muxer.send('one', relay.port, '127.0.0.1');
  await vi.waitFor(() => expect(seen).toEqual(['one']));
  stranger.send('stray', relay.port, '127.0.0.1');
  muxer.send('two', relay.port, '127.0.0.1');
  await vi.waitFor(() => expect(seen).toEqual(['one', 'two']));
  const back = heard(muxer);
  const request = feedback(0x81, 206);
  server.send(request, reply.port, '127.0.0.1');
  expect(await back).toEqual(request);
  expect(asked).toHaveBeenCalledOnce();
  // An alert of the handshake is the muxer's own; afterwards it is the end, which the muxer would wait on for ever.
  const alert = Buffer.from([21, 254, 253, 0, 0]);
  const early = heard(muxer);
  server.send(alert, reply.port, '127.0.0.1');
  expect(await early).toEqual(alert);
  expect(ended).not.toHaveBeenCalled();
  relay.established();
  const next = heard(muxer);
  server.send(alert, reply.port, '127.0.0.1');
  server.send('media', reply.port, '127.0.0.1');
  expect((await next).toString()).toBe('media');
  expect(ended).toHaveBeenCalledOnce();
  relay.close();
  relay.close();
});

/** livekit-server's WHIP endpoint as far as signalling goes: answers with these candidates. */
async function answering(candidates: string[]): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(201, { location: '/whip/v1/PA_1' });
    response.end(['v=0', 'a=ice-pwd:x', ...candidates.map((one) => `a=candidate:1 1 ${one} typ host`)].join('\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closing.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/whip/v1`;
}

test('the muxer is sent to our relay, and a request of LiveKit’s for a key frame is heard there', async () => {
  const livekit = await bound();
  const muxer = await bound();
  const asked = vi.fn();
  const url = await answering([
    'tcp 1 127.0.0.1 7881',
    `udp 1 127.0.0.1 ${livekit.address().port}`,
    'udp 1 203.0.113.9 50000',
  ]);
  const signalling = await Signalling.open(url, 'token', { onKeyRequest: asked, onEnded: () => undefined });
  closing.push(() => signalling.close());
  const answer = await fetch(signalling.url, { method: 'POST', body: 'v=0 offer' });
  const lines = (await answer.text()).split('\r\n').filter((line) => line.startsWith('a=candidate'));
  expect(lines).toHaveLength(1);
  const [, , , , address, port] = (lines[0] ?? '').split(' ');
  expect(address).toBe('127.0.0.1');
  expect(Number(port)).not.toBe(livekit.address().port);
  const arrived = once(livekit, 'message') as Promise<[Buffer, { port: number }]>;
  muxer.send('media', Number(port), '127.0.0.1');
  const [datagram, from] = await arrived;
  expect(datagram.toString()).toBe('media');
  livekit.send(feedback(0x81, 206), from.port, '127.0.0.1');
  await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
});

test('an answer without an address over UDP is told as what is wrong', async () => {
  const signalling = await Signalling.open(await answering(['tcp 1 127.0.0.1 7881']), 'token', {
    onKeyRequest: () => undefined,
    onEnded: () => undefined,
  });
  closing.push(() => signalling.close());
  expect((await fetch(signalling.url, { method: 'POST', body: 'v=0 offer' })).status).toBe(502);
  expect(signalling.failure).toContain('no UDP address');
});
