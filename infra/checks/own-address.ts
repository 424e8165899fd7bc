import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * Where the traffic of a test comes from that tries wrong keys: counted apart, it does not use up the tries of the tests beside it, which
 * all come from 127.0.0.1. The whole of 127.0.0.0/8 is this machine's.
 */
const OWN_ADDRESS = '127.0.0.2';

/** `url` is the target's, with the relay in place of its host and port. */
export type Relay = { url: string; close(): void };

/** Passes what comes to a port of 127.0.0.1 on to the host and port of a URL, from the address of its own: for an `srt:` URL datagrams, else TCP. */
export async function relayFromOwnAddress(url: string): Promise<Relay> {
  const [authority = '', host = '', port = ''] = /(?<=^\w+:\/\/)([\d.]+):(\d+)/.exec(url) ?? [];
  if (!host) throw new Error(`${url} names no IPv4 address and port`);
  const open = url.startsWith('srt:') ? relayDatagrams : relayTcp;
  const { at, close } = await open(host, Number(port));
  return { url: url.replace(authority, `127.0.0.1:${at}`), close };
}

async function relayTcp(host: string, port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host, port, localAddress: OWN_ADDRESS });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => sockets.delete(one));
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { at: (server.address() as AddressInfo).port, close };
}

/** For one client. */
async function relayDatagrams(host: string, port: number) {
  const [near, far] = [await boundTo('127.0.0.1'), await boundTo(OWN_ADDRESS)];
  let client: AddressInfo | null = null;
  near.on('message', (datagram, from) => {
    client = from;
    far.send(datagram, port, host);
  });
  far.on('message', (datagram) => {
    if (client) near.send(datagram, client.port, client.address);
  });
  const close = () => {
    near.close();
    far.close();
  };
  return { at: near.address().port, close };
}

async function boundTo(address: string): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  // Nobody listens there any more: what a network loses, too.
  socket.on('error', () => undefined);
  return socket;
}

/** POST over http from the address of its own. @returns the answer's status */
export async function postFromOwnAddress(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<number | undefined> {
  const asked = request(url, { method: 'POST', headers, localAddress: OWN_ADDRESS });
  asked.end(body);
  const [answer] = await once(asked, 'response');
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode;
}
