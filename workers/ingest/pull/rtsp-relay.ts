import { type AddressInfo, connect, createServer } from 'node:net';

/** FFmpeg's RTSP client obeys a redirect to anywhere; whoever answers with one is not spoken to any longer. */
const REDIRECT = /RTSP\/1\.0 3\d\d/;
const CARRY_BYTES = 16;

/**
 * A loopback port that leads to one checked address and nowhere else: RTSP goes through it, interleaved in one TCP connection.
 * @param onRedirect the server wanted to send us elsewhere
 */
export async function openRtspRelay(
  target: { address: string; port: number },
  onRedirect: () => void,
): Promise<{ port: number; close(): void }> {
  const open = new Set<{ destroy(): void }>();
  const server = createServer((client) => {
    const onward = connect({ host: target.address, port: target.port });
    open.add(client).add(onward);
    let carry = '';
    let isPlaying = false;
    onward.on('data', (bytes) => {
      if (!isPlaying) {
        const text = carry + bytes.toString('latin1');
        if (REDIRECT.test(text)) {
          onRedirect();
          onward.destroy();
          return;
        }
        // Interleaved media begins with a dollar sign; redirects are only obeyed before it.
        isPlaying = bytes[0] === 0x24;
        carry = text.slice(-CARRY_BYTES);
      }
      client.write(bytes);
    });
    client.on('data', (bytes) => onward.write(bytes));
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const one of open) one.destroy();
    },
  };
}
