import { openTcpLine, type TcpLine } from './tcp-line.ts';

/** Of each chunk that passes, one byte in so many is turned. */
const ONE_IN = 200;

/**
 * A line between an encoder and the RTMP front that turns bits on the way.
 * @param turnAfterBytes how much passes untouched, so that the encoder is accepted first; null = all of it
 */
export function openBadLine(rtmpPort: number, { turnAfterBytes }: { turnAfterBytes: number | null }): Promise<TcpLine> {
  return openTcpLine(rtmpPort, () => {
    let seen = 0;
    return (bytes) => {
      seen += bytes.length;
      if (turnAfterBytes === null || seen <= turnAfterBytes) return;
      for (let at = seen % ONE_IN; at < bytes.length; at += ONE_IN) bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    };
  });
}
