import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import type { ClientToServer, ServerToClient } from '../../../app/_realtime/contract.ts';
import { REALTIME_VERSION } from '../../../app/_realtime/contract.ts';
import type { Install } from '../../bench/lib/install.ts';

const TALK = [
  'The lanterns look lovely from up here',
  'Which stall is the one with the hand-pulled noodles?',
  'Second from the left, the queue tells you',
  'Worth the wait',
] as const;
export const LAST_WORD = TALK[3];

/** Guests, under the names that the chat gave them, who say what is in TALK, in order, over sockets of their own, and stay. */
export async function talk(install: Install, handle: string): Promise<Socket<ServerToClient, ClientToServer>[]> {
  const guests = [
    await joinAsGuest(install, handle),
    await joinAsGuest(install, handle),
    await joinAsGuest(install, handle),
  ];
  for (const [index, text] of TALK.entries()) {
    const posted = await guests[index % guests.length]?.emitWithAck('chat:post', { clientId: randomUUID(), text });
    if (!posted?.ok) throw new Error(`chat: ${posted?.message}`);
  }
  return guests;
}

async function joinAsGuest(install: Install, handle: string): Promise<Socket<ServerToClient, ClientToServer>> {
  const guest: Socket<ServerToClient, ClientToServer> = io(install.credentials.url, {
    transports: ['websocket'],
    auth: { v: REALTIME_VERSION },
    forceNew: true,
  });
  const joined = await guest.timeout(10_000).emitWithAck('channel:join', { handle });
  if (!joined.ok) throw new Error(`channel:join: ${joined.message}`);
  return guest;
}
