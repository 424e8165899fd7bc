import { createSocket } from 'node:dgram';

export type SrtTap = {
  /** Where the encoder has to connect, UDP. */
  port: number;
  /** Date.now() of the encoder's first packet; null before it. */
  connectedAtMs(): number | null;
  close(): void;
};

/** Stands between an SRT encoder and the SRT front and notes when the encoder connects: its program takes a while to begin. */
export async function openSrtTap(srtPort: number): Promise<SrtTap> {
  const inner = createSocket('udp4');
  const outer = createSocket('udp4');
  let connectedAtMs: number | null = null;
  let encoderPort = 0;
  inner.on('message', (packet, from) => {
    connectedAtMs ??= Date.now();
    encoderPort = from.port;
    outer.send(packet, srtPort, '127.0.0.1');
  });
  outer.on('message', (packet) => inner.send(packet, encoderPort, '127.0.0.1'));
  await new Promise<void>((resolve) => inner.bind(0, '127.0.0.1', () => resolve()));
  return {
    port: inner.address().port,
    connectedAtMs: () => connectedAtMs,
    close() {
      inner.close();
      outer.close();
    },
  };
}
