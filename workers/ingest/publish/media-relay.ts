import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const LOOPBACK = '127.0.0.1';
/** A key frame is some hundred datagrams at once; the kernel gives less where its own limit is lower, bytes. */
const BUFFER_BYTES = 2 * 1024 * 1024;
const PSFB = 206;
const PLI = 1;
const FIR = 4;
const VERSION_2 = 0b10;
/** Content type of a DTLS record, in clear whatever it says (RFC 6347, 4.1; RFC 7983 tells DTLS from the rest by it). */
const DTLS_ALERT = 21;

/** What livekit-server says beside the media's way. */
export type RelayEvents = {
  /** A subscriber cannot show our picture without a key frame. */
  onKeyRequest(): void;
  /** It ended a connection that stood: the room was deleted, or we were put out of it. */
  onEnded(): void;
};

/**
 * Whether this datagram asks for a key frame: PLI (RFC 4585, 6.3.1) or FIR (RFC 5104, 4.3.1). SRTCP leaves the first eight bytes of a
 * packet in clear (RFC 3711, 3.4), and livekit-server sends each request as a packet of its own.
 */
export function asksForKey(datagram: Buffer): boolean {
  if (datagram.length < 12) return false;
  const first = datagram.readUInt8(0);
  const format = first & 0x1f;
  return first >> 6 === VERSION_2 && datagram.readUInt8(1) === PSFB && (format === PLI || format === FIR);
}

/**
 * Carries the datagrams of one WebRTC connection between FFmpeg's WHIP muxer and livekit-server, unread but for the requests for a key frame
 * (the muxer takes those in and does nothing) and the end of the connection (the muxer would wait for the rest of it for ever, in a call that blocks).
 */
export class MediaRelay {
  private muxerPort = 0;
  private isClosed = false;
  private stands = false;

  private constructor(
    private readonly inner: Socket,
    private readonly outer: Socket,
    private readonly events: RelayEvents,
  ) {
    inner.on('message', (datagram, from) => {
      this.muxerPort ||= from.port;
      if (from.port === this.muxerPort) this.outer.send(datagram, ignore);
    });
    outer.on('message', (datagram) => {
      if (this.stands && datagram[0] === DTLS_ALERT) {
        this.stands = false;
        this.events.onEnded();
        return;
      }
      if (this.muxerPort !== 0) this.inner.send(datagram, this.muxerPort, LOOPBACK, ignore);
      if (asksForKey(datagram)) this.events.onKeyRequest();
    });
    // Nobody there (yet, or any more): the muxer finds out by itself.
    inner.on('error', ignore);
    outer.on('error', ignore);
  }

  /** @param target one of livekit-server's UDP candidates @throws Error when no port can be had */
  static async open(target: { address: string; port: number }, events: RelayEvents): Promise<MediaRelay> {
    const inner = createSocket('udp4');
    const outer = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4');
    try {
      await settled(inner, (done) => inner.bind(0, LOOPBACK, done));
      await settled(outer, (done) => outer.connect(target.port, target.address, done));
      for (const socket of [inner, outer]) {
        socket.setRecvBufferSize(BUFFER_BYTES);
        socket.setSendBufferSize(BUFFER_BYTES);
      }
      return new MediaRelay(inner, outer, events);
    } catch (error) {
      inner.close();
      outer.close();
      throw error;
    }
  }

  /** Where the muxer sends to, on 127.0.0.1. */
  get port(): number {
    return this.inner.address().port;
  }

  /** The handshake is over: an alert from here on is no part of it. */
  established(): void {
    this.stands = true;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.inner.close();
    this.outer.close();
  }
}

function ignore(): void {}

function settled(socket: Socket, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    begin(() => {
      socket.off('error', reject);
      resolve();
    });
  });
}
