import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { asksForKey, MediaRelay } from './media-relay.ts';

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
  const relay = await MediaRelay.open({ address: '127.0.0.1', port: server.address().port }, asked);
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
  relay.close();
  relay.close();
});
