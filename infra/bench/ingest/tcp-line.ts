import { type AddressInfo, connect, createServer } from 'node:net';

export type TcpLine = { port: number; close(): void };

/**
 * A line on loopback between encoders and the RTMP front.
 * @param onConnection called for each encoder that connects; what it gives back sees the encoder's bytes before they go on, and may turn them
 */
export async function openTcpLine(rtmpPort: number, onConnection: () => (bytes: Buffer) => void): Promise<TcpLine> {
  const server = createServer({ noDelay: true }, (encoder) => {
    const see = onConnection();
    const front = connect({ port: rtmpPort, host: '127.0.0.1', noDelay: true });
    encoder.on('data', (bytes) => {
      see(bytes);
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
