import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isIP } from 'node:net';
import { MediaRelay, type RelayEvents } from './media-relay.ts';

const TIMEOUT_MS = 8_000;
const MAX_SDP_BYTES = 64 * 1024;
const LOOPBACK = '127.0.0.1';

/**
 * WHIP signalling between FFmpeg's muxer and livekit-server, on a loopback port of our own for one connection.
 *
 * Three reasons: the join token stays out of FFmpeg (and so out of its log); FFmpeg takes the first candidate of an answer and fails when that
 * is TCP, while livekit-server lists its candidates in any order; and the media goes through a relay of ours, which hears when a subscriber
 * needs a key frame, and when LiveKit ends it.
 */
export class Signalling {
  private resource: string | null = null;
  private relay: MediaRelay | null = null;
  /** What went wrong, for the log: FFmpeg itself says only "input/output error". */
  failure: string | null = null;

  private constructor(
    private readonly server: Server,
    private readonly whipUrl: string,
    private readonly token: string,
    private readonly path: string,
    private readonly events: RelayEvents,
  ) {}

  static async open(whipUrl: string, token: string, events: RelayEvents): Promise<Signalling> {
    const path = `/${randomBytes(16).toString('hex')}`;
    const server = createServer();
    const signalling = new Signalling(server, whipUrl, token, path, events);
    server.on('request', async (request, response) => {
      const answer = request.url === path ? await signalling.exchange(request) : null;
      response.writeHead(answer === null ? 502 : 201, { 'content-type': 'application/sdp', connection: 'close' });
      response.end(answer ?? '');
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, LOOPBACK, () => resolve());
    });
    return signalling;
  }

  /** For the muxer. */
  get url(): string {
    const bound = this.server.address();
    return `http://${LOOPBACK}:${typeof bound === 'object' && bound ? bound.port : 0}${this.path}`;
  }

  /** The muxer is connected. */
  established(): void {
    this.stopListening();
    this.relay?.established();
  }

  private stopListening(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** Nothing more is carried. */
  close(): void {
    this.stopListening();
    this.relay?.close();
  }

  /** Leaves the room; never throws. */
  async leave(): Promise<void> {
    this.stopListening();
    if (this.resource === null) return;
    try {
      await fetch(this.resource, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${this.token}` },
        signal: AbortSignal.timeout(2_000),
      });
    } catch {
      // LiveKit notices by itself when the media stops.
    }
  }

  private async exchange(request: IncomingMessage): Promise<string | null> {
    try {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const answer = await fetch(this.whipUrl, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/sdp' },
        body: Buffer.concat(pieces).toString().slice(0, MAX_SDP_BYTES),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body = await answer.text();
      const location = answer.headers.get('location');
      if (location) this.resource = new URL(location, this.whipUrl).href;
      if (answer.status !== 201) throw new Error(`LiveKit answered ${answer.status}: ${body.slice(0, 200)}`);
      const target = pickCandidate(body, new URL(this.whipUrl).hostname);
      if (target === null) throw new Error('LiveKit offers no UDP address');
      this.relay = await MediaRelay.open(target, this.events);
      return withCandidate(body, { address: LOOPBACK, port: this.relay.port });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
      this.failure = error instanceof Error ? `${error.message}${cause}` : String(error);
      return null;
    }
  }
}

export type Candidate = { address: string; port: number };

/**
 * The best of an answer's candidates: host, over UDP, the address LiveKit's API was reached at before others, IPv4 before IPv6; null without
 * one. FFmpeg tries one alone.
 */
export function pickCandidate(sdp: string, apiHost: string): Candidate | null {
  const rank = ({ address }: Candidate) => (address === apiHost ? 0 : address.includes(':') ? 2 : 1);
  const usable = sdp
    .split(/\r?\n/)
    .filter((line) => isCandidate(line) && / udp .* typ host/i.test(line))
    .map((line) => {
      const [, , , , address = '', port] = line.split(' ');
      return { address, port: Number(port) };
    })
    .filter(({ address, port }) => isIP(address) !== 0 && port > 0 && port < 65_536);
  return usable.sort((one, other) => rank(one) - rank(other))[0] ?? null;
}

/** The answer with this candidate alone. */
export function withCandidate(sdp: string, { address, port }: Candidate): string {
  const result: string[] = [];
  for (const line of sdp.split(/\r?\n/)) {
    if (isCandidate(line)) continue;
    result.push(line);
    // Each media section keeps them behind its credentials.
    if (line.startsWith('a=ice-pwd:')) result.push(`a=candidate:1 1 udp 2130706431 ${address} ${port} typ host`);
  }
  return result.join('\r\n');
}

function isCandidate(line: string): boolean {
  return line.startsWith('a=candidate:');
}
