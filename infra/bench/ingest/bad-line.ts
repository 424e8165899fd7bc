import { type AddressInfo, connect, createServer } from 'node:net';

/** Of each chunk that passes, one byte in so many is turned. */
const ONE_IN = 200;

/**
 * A line between an encoder and the RTMP front that turns bits on the way.
 * @param turnAfterBytes how much passes untouched, so that the encoder is accepted first; null = all of it
 */
export async function openBadLine(
  rtmpPort: number,
  { turnAfterBytes }: { turnAfterBytes: number | null },
): Promise<{ port: number; close(): void }> {
  const server = createServer({ noDelay: true }, (encoder) => {
    const front = connect({ port: rtmpPort, host: '127.0.0.1', noDelay: true });
    let seen = 0;
    encoder.on('data', (bytes) => {
      seen += bytes.length;
      if (turnAfterBytes !== null && seen > turnAfterBytes) {
        for (let at = seen % ONE_IN; at < bytes.length; at += ONE_IN) bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      }
      front.write(bytes);
    });
    front.pipe(encoder);
    encoder.on('close', () => front.destroy());
    front.on('close', () => encoder.destroy());
    encoder.on('error', () => undefined);
    front.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
