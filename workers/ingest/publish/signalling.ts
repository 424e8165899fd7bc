import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';

const TIMEOUT_MS = 8_000;
const MAX_SDP_BYTES = 64 * 1024;

/**
 * WHIP signalling between FFmpeg's muxer and livekit-server, on a loopback port of our own for one connection.
 *
 * Two reasons: the join token stays out of FFmpeg (and so out of its log), and FFmpeg takes the first candidate of an answer and fails
 * when that is TCP, while livekit-server lists its candidates in any order.
 */
export class Signalling {
  private resource: string | null = null;
  /** What went wrong, for the log: FFmpeg itself says only "input/output error". */
  failure: string | null = null;

  private constructor(
    private readonly server: Server,
    private readonly whipUrl: string,
    private readonly token: string,
    private readonly path: string,
  ) {}

  static async open(whipUrl: string, token: string): Promise<Signalling> {
    const path = `/${randomBytes(16).toString('hex')}`;
    const server = createServer();
    const signalling = new Signalling(server, whipUrl, token, path);
    server.on('request', async (request, response) => {
      const answer = request.url === path ? await signalling.exchange(request) : null;
      response.writeHead(answer === null ? 502 : 201, { 'content-type': 'application/sdp', connection: 'close' });
      response.end(answer ?? '');
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve());
    });
    return signalling;
  }

  /** For the muxer. */
  get url(): string {
    const bound = this.server.address();
    return `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}${this.path}`;
  }

  /** The muxer has its answer. */
  stopListening(): void {
    this.server.close();
    this.server.closeAllConnections();
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
      return orderCandidates(body, new URL(this.whipUrl).hostname);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
      this.failure = error instanceof Error ? `${error.message}${cause}` : String(error);
      return null;
    }
  }
}

/** Host candidates over UDP only, the address LiveKit's API was reached at first, then IPv4: FFmpeg tries the first one alone. */
export function orderCandidates(sdp: string, apiHost: string): string {
  const lines = sdp.split(/\r?\n/);
  const isCandidate = (line: string) => line.startsWith('a=candidate:');
  const rank = (line: string) => {
    const address = line.split(' ')[4] ?? '';
    return address === apiHost ? 0 : address.includes(':') ? 2 : 1;
  };
  const usable = lines
    .filter((line) => isCandidate(line) && / udp .* typ host/i.test(line))
    .sort((one, other) => rank(one) - rank(other));
  const result: string[] = [];
  for (const line of lines) {
    if (isCandidate(line)) continue;
    result.push(line);
    // Each media section keeps them behind its credentials.
    if (line.startsWith('a=ice-pwd:')) result.push(...usable);
  }
  return result.join('\r\n');
}
