import { io } from 'socket.io-client';
import type { REALTIME_VERSION } from '#realtime/contract';
import { ChannelClient, type ChannelClientParts } from './channel-client.ts';
import { keep, readKept } from './kept.ts';

/** Only the contract's types are imported: its schemas would bring zod into the page. */
const VERSION: typeof REALTIME_VERSION = 1;
const TOKEN_KEY = 'openair-guest';

/** Makes the socket and the client on it; nothing connects before `open`. The guest's token lies in this browser alone. */
export function openChannel(handle: string, show?: ChannelClientParts['show']): ChannelClient {
  let guestToken = readKept(TOKEN_KEY);
  const socket = io({
    path: '/socket.io/',
    transports: ['websocket'],
    autoConnect: false,
    forceNew: true,
    withCredentials: true,
    // Spread, so that thousands of pages do not come back in one moment.
    reconnectionDelay: 1000,
    reconnectionDelayMax: 10_000,
    randomizationFactor: 0.5,
    timeout: 10_000,
    auth: (tell) => tell({ v: VERSION, ...(guestToken ? { guestToken } : {}) }),
  });
  return new ChannelClient({
    handle,
    show,
    socket,
    nowMs: () => Date.now(),
    newClientId,
    keepGuestToken(token) {
      if (!token) return;
      guestToken = token;
      keep(TOKEN_KEY, token);
    },
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
}

/** `crypto.randomUUID` is absent on plain-http origins that are not loopback. */
function newClientId(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
