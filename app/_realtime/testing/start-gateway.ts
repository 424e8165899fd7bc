import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { io as connect, type Socket } from 'socket.io-client';
import { createMemoryChatLog } from '#adapters/memory/chat-log';
import { createMemoryPostAllowance } from '#adapters/memory/post-allowance';
import { createMemoryReactionTally } from '#adapters/memory/reaction-tally';
import { type Actor, ANONYMOUS } from '#core/account/actor';
import type { News } from '#core/broadcast/news';
import type { PublicBroadcast } from '#core/broadcast/public-views';
import type { ChannelCard } from '../channel-board.ts';
import type { ChannelJoined, ChatMessage, ClientToServer, Refusal, ServerToClient } from '../contract.ts';
import type { GatewayParts } from '../desks.ts';
import { openGateway } from '../gateway.ts';
import { createGuestTokens } from '../guest-token.ts';

export const OWN_ORIGIN = 'http://127.0.0.1:8800';
export const SECRET = 'a secret for the tests alone, of thirty-two and more';
export type Page = Socket<ServerToClient, ClientToServer>;

export const broadcast: PublicBroadcast = {
  id: 'br_1',
  channel: { id: 'ch_1', handle: 'ann', name: 'Ann' },
  title: 'Morning show',
  description: '',
  visibility: 'public',
  state: 'live',
  endReason: null,
  startsAt: null,
  startedAt: '2026-01-01T08:00:00.000Z',
  endedAt: null,
  playbackId: 'pb_1',
  watchUrl: `${OWN_ORIGIN}/ann/br_1`,
  playback: { hls: `${OWN_ORIGIN}/play/pb_1/index.m3u8`, dash: null },
  audience: 0,
  peakAudience: 0,
  hasRecording: false,
};
const card: ChannelCard = { id: 'ch_1', channelId: 'ch_1', handle: 'ann', ownerId: 'usr_owner', broadcast };

/** Gateway on an ephemeral port with the memory twins; `owner=1` in a cookie signs the owner in. */
export async function startGateway(over: Partial<GatewayParts> = {}) {
  const http = createServer();
  const listeners = new Set<(news: News) => void>();
  const clock = { now: () => new Date() };
  let made = 0;
  const audience = { current: 0 };
  const parts: GatewayParts = {
    ownOrigin: OWN_ORIGIN,
    chatLog: createMemoryChatLog(),
    allowance: createMemoryPostAllowance(clock),
    tally: createMemoryReactionTally(),
    audience: { count: async () => audience.current },
    news: {
      async subscribe(handler) {
        listeners.add(handler);
        return async () => void listeners.delete(handler);
      },
    },
    findChannel: async (handle) => (handle === card.handle ? { ...card } : null),
    letIn: async () => null,
    actorFromHeaders: async (headers): Promise<Actor> =>
      headers.get('cookie')?.includes('owner=1')
        ? { kind: 'user', userId: 'usr_owner', name: 'Ann Owner', email: 'ann@example.org', isAdmin: false }
        : ANONYMOUS,
    tokens: createGuestTokens(SECRET),
    clock,
    ids: { make: (prefix) => `${prefix}_${String(++made).padStart(22, '0')}` },
    log: pino({ level: 'silent' }),
    ...over,
  };
  const gateway = await openGateway(http, parts);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const pages: Page[] = [];
  return {
    parts,
    gateway,
    url,
    audience,
    tellNews: (news: News) => {
      for (const listener of listeners) listener(news);
    },
    page(options: { auth?: object; headers?: Record<string, string> } = {}): Page {
      const page: Page = connect(url, {
        path: '/socket.io/',
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        auth: options.auth ?? { v: 1 },
        extraHeaders: options.headers ?? { origin: OWN_ORIGIN },
      });
      pages.push(page);
      return page;
    },
    async close() {
      for (const page of pages) page.disconnect();
      await gateway.close();
    },
  };
}

export async function joined(page: Page, lastSeq?: number): Promise<ChannelJoined> {
  const answer = await page.emitWithAck('channel:join', {
    handle: 'ann',
    ...(lastSeq === undefined ? {} : { lastSeq }),
  });
  if (!answer.ok) throw new Error(`${answer.reason}: ${answer.message}`);
  return answer;
}

let clientIds = 0;
export function say(page: Page, text: string, clientId = newClientId()): Promise<{ ok: true; seq: number } | Refusal> {
  return page.emitWithAck('chat:post', { clientId, text });
}

export function newClientId(): string {
  clientIds += 1;
  return `00000000-0000-4000-8000-${String(clientIds).padStart(12, '0')}`;
}

/** Collects what a page is told of the chat. */
export function listen(page: Page): ChatMessage[] {
  const heard: ChatMessage[] = [];
  page.on('chat:batch', ({ messages }) => heard.push(...messages));
  return heard;
}

/** Waits for a condition, 5 s at most. */
export async function eventually(isTrue: () => boolean, what: string): Promise<void> {
  const endsAt = Date.now() + 5000;
  while (!isTrue()) {
    if (Date.now() > endsAt) throw new Error(`did not happen within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
