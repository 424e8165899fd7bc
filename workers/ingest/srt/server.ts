import { createHmac, randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Logger } from 'pino';
import type { SourceProcesses } from '../pull/source-process.ts';
import type { PublishAnswer, Publisher } from '../rtmp/publisher.ts';
import { SrtConnection } from './connection.ts';
import type { SrtSettings } from './settings.ts';
import { answerInduction, answerRejection, type Handshake, REJECTION, readHandshake } from './srt-packet.ts';
import { readStreamId } from './stream-id.ts';

const MAX_CONNECTIONS = 128;
const MAX_ASKING = 64;
/** A refused caller repeats its last packet for a while: it hears the same answer, and its key is not counted again, ms. */
const REFUSED_FOR_MS = 5_000;
/** A cookie holds for this window and the one before, ms. */
const COOKIE_WINDOW_MS = 30_000;
const SRT_VERSION_WITH_STREAM_ID = 5;

export type SrtServer = { port: number; connections(): number; close(reason: string): Promise<void> };
export type AdmitSrt = (wish: { streamKey: string; isBackup: boolean }, publisher: Publisher) => Promise<PublishAnswer>;

/**
 * SRT front: one UDP port for all encoders. The handshake's first half is answered here without keeping anything (a cookie proves the address),
 * the stream id is read and checked, and only then a process with the SRT library is started for that encoder; its packets are passed
 * through as they are.
 * @throws when the port is taken
 */
export async function openSrtServer(options: {
  host: string;
  port: number;
  log: Logger;
  settings: SrtSettings;
  admit: AdmitSrt;
  processes: SourceProcesses;
}): Promise<SrtServer> {
  const { log, settings } = options;
  const socket = createSocket('udp4');
  const secret = randomBytes(32);
  const connections = new Map<string, SrtConnection>();
  const asking = new Set<string>();
  const refused = new Map<string, { code: number; untilMs: number }>();
  const ourSocketId = randomBytes(4).readUInt32BE(0) & 0x3f_ff_ff_ff;

  const cookieOf = (caller: string, window: number) =>
    createHmac('sha256', secret).update(`${caller} ${window}`).digest().readUInt32BE(0);
  const isOurCookie = (caller: string, cookie: number) => {
    const window = Math.floor(performance.now() / COOKIE_WINDOW_MS);
    return cookie === cookieOf(caller, window) || cookie === cookieOf(caller, window - 1);
  };
  const send = (packet: Buffer, to: RemoteInfo) => socket.send(packet, to.port, to.address, () => undefined);

  function refuse(packet: Buffer, from: RemoteInfo, code: number, reason: string): void {
    const caller = nameOf(from);
    log.info({ address: from.address, code, reason }, `srt: refused: ${reason}`);
    refused.set(caller, { code, untilMs: performance.now() + REFUSED_FOR_MS });
    send(answerRejection(packet, code), from);
  }

  /** Why a conclusion is refused before anybody is asked about its key. */
  function objection(handshake: Handshake): [code: number, reason: string] | null {
    if (handshake.version < SRT_VERSION_WITH_STREAM_ID) return [REJECTION.version, 'an SRT version without stream id'];
    if (connections.size >= MAX_CONNECTIONS || asking.size >= MAX_ASKING)
      return [REJECTION.resource, 'too many callers'];
    if (handshake.isEncrypted && settings.passphrase === '')
      return [REJECTION.badSecret, 'encrypted, and no passphrase is set'];
    if (!handshake.isEncrypted && settings.passphrase !== '') return [REJECTION.unsecure, 'not encrypted'];
    return null;
  }

  async function conclude(packet: Buffer, from: RemoteInfo, handshake: Handshake): Promise<void> {
    const caller = nameOf(from);
    const known = refused.get(caller);
    if (known && performance.now() < known.untilMs) {
      send(answerRejection(packet, known.code), from);
      return;
    }
    if (asking.has(caller) || !isOurCookie(caller, handshake.cookie)) return;
    const no = objection(handshake);
    if (no) return refuse(packet, from, ...no);
    const wish = readStreamId(handshake.streamId);
    if (wish === null) return refuse(packet, from, REJECTION.unauthorized, 'no stream key in its stream id');
    asking.add(caller);
    const connection = new SrtConnection({
      address: from.address,
      settings,
      log,
      processes: options.processes,
      send: (bytes) => send(bytes, from),
      onOver: () => connections.delete(caller),
    });
    try {
      const answer = await options.admit(wish, connection.publisher);
      if (!answer.ok) {
        refuse(packet, from, REJECTION.unauthorized, answer.sentence);
        return;
      }
      connections.set(caller, connection);
      await connection.start(packet, answer);
    } finally {
      asking.delete(caller);
    }
  }

  socket.on('message', (packet, from) => {
    const handshake = readHandshake(packet);
    const connection = connections.get(nameOf(from));
    if (connection && handshake?.kind !== 'induction') {
      connection.fromCaller(packet, handshake);
      return;
    }
    if (handshake?.kind === 'induction') {
      // A caller that begins anew from the same port: its old connection is dead.
      connection?.end('the encoder began anew');
      const window = Math.floor(performance.now() / COOKIE_WINDOW_MS);
      send(answerInduction(packet, cookieOf(nameOf(from), window), ourSocketId), from);
    } else if (handshake?.kind === 'conclusion') {
      conclude(packet, from, handshake).catch((error: unknown) => log.error({ err: error }, 'srt: a caller failed'));
    }
    // Anything else is a stray of a connection that is over.
  });
  const sweeping = setInterval(() => {
    for (const [caller, { untilMs }] of refused) if (performance.now() > untilMs) refused.delete(caller);
  }, REFUSED_FOR_MS);
  sweeping.unref();
  await bind(socket, options.port, options.host);
  socket.on('error', (error) => log.error({ err: error }, 'srt: listener failed'));
  return {
    port: socket.address().port,
    connections: () => connections.size,
    async close(reason) {
      clearInterval(sweeping);
      for (const connection of connections.values()) connection.end(reason);
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

function nameOf({ address, port }: RemoteInfo): string {
  return `${address}:${port}`;
}

function bind(socket: Socket, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}
