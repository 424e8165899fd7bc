import type { PushAddress } from './push-address.ts';
import type { DialOptions, PushDialer } from './push-connection.ts';
import { RtmpConnection } from './rtmp-connection.ts';
import { SrtDialer } from './srt/srt-connection.ts';

/** How to reach an address: a socket each time for RTMP, one process for all its connections for SRT. */
export function dialerOf(address: PushAddress, options: DialOptions): PushDialer {
  if (address.protocol === 'srt') return new SrtDialer(address, options);
  return { connect: (events) => new RtmpConnection(address, options, events), dispose() {} };
}
