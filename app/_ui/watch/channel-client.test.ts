import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ChatMessage } from '#realtime/contract';
import { ChannelClient, type ChannelSocket } from './channel-client.ts';

type Ask = { event: string; request: Record<string, unknown>; answer: (value: unknown) => void; lose: () => void };

/** A socket that holds what was asked, so that a test answers, loses or delays it. */
class HeldSocket {
  connected = false;
  active = true;
  readonly asks: Ask[] = [];
  readonly #handlers = new Map<string, (value: never) => void>();
  on(event: string, handler: (value: never) => void) {
    this.#handlers.set(event, handler);
    return this;
  }
  timeout() {
    return {
      emit: (event: string, request: Record<string, unknown>, ack: (error: Error | null, answer?: unknown) => void) => {
        const answer = (value: unknown) => ack(null, value);
        this.asks.push({ event, request, answer, lose: () => ack(new Error('timed out')) });
      },
    };
  }
  connect() {
    this.connected = true;
    this.tell('connect', undefined);
  }
  disconnect() {
    this.connected = false;
  }
  drop() {
    this.connected = false;
    this.tell('disconnect', 'transport close');
  }
  tell(event: string, value: unknown) {
    this.#handlers.get(event)?.(value as never);
  }
  newest(event: string): Ask {
    const ask = this.asks.filter((one) => one.event === event).at(-1);
    if (!ask) throw new Error(`nothing asked for ${event}`);
    return ask;
  }
}

const me = { id: 'gst_me', name: 'Me', role: 'guest' as const, guestToken: 'token' };
const message = (seq: number, over: Partial<ChatMessage> = {}): ChatMessage => ({
  id: `msg_${seq}`,
  seq,
  clientId: `other-${seq}`,
  author: { id: 'gst_a', name: 'Ann', role: 'guest' },
  text: `line ${seq}`,
  replyTo: null,
  state: 'visible',
  atMs: seq,
  ...over,
});

let socket: HeldSocket;
let client: ChannelClient;
let timers: { ms: number; run: () => void }[];
let nowMs: number;
let kept: (string | null)[];
/** Lets the promises go on, then runs what waits for a timer, once. */
async function pass(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (const timer of timers.splice(0)) timer.run();
  await new Promise((resolve) => setImmediate(resolve));
}
async function join(seqs: number[] = [], over: object = {}): Promise<void> {
  const messages = seqs.map((seq) => message(seq));
  const joined = {
    ok: true,
    me,
    broadcast: null,
    messages,
    recovered: false,
    headSeq: seqs.at(-1) ?? 0,
    audience: 2,
    reactions: {},
  };
  socket.newest('channel:join').answer({ ...joined, ...over });
  await pass();
}
const texts = () => client.getState().chat.lines.map((line) => line.text);

beforeEach(() => {
  socket = new HeldSocket();
  timers = [];
  kept = [];
  nowMs = 0;
  let clientIds = 0;
  client = new ChannelClient({
    handle: 'ann',
    socket: socket as unknown as ChannelSocket,
    nowMs: () => nowMs,
    newClientId: () => `mine-${++clientIds}`,
    keepGuestToken: (token) => kept.push(token),
    after(ms, run) {
      const timer = { ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
  client.open();
});
afterEach(() => client.close());

test('a page that joins has the history and keeps its guest token', async () => {
  await join([1, 2]);
  expect(client.getState()).toMatchObject({ connection: 'joined', audience: 2, me: { name: 'Me' } });
  expect(texts()).toEqual(['line 1', 'line 2']);
  expect(kept).toEqual(['token']);
});

test('a line is pending until it comes back, and an acknowledgement alone does not show it', async () => {
  await join([1]);
  client.say('hello');
  expect(client.getState().outbox).toMatchObject([{ text: 'hello', state: 'sending' }]);
  socket.newest('chat:post').answer({ ok: true, seq: 2 });
  await pass();
  expect(texts()).toEqual(['line 1']);
  socket.tell('chat:batch', { messages: [message(2, { clientId: 'mine-1', author: me, text: 'hello' })] });
  expect(client.getState().outbox).toEqual([]);
  expect(texts()).toEqual(['line 1', 'hello']);
});

test('a lost acknowledgement is tried again with the same client id', async () => {
  await join([1]);
  client.say('once');
  socket.newest('chat:post').lose();
  await pass();
  const posts = socket.asks.filter((ask) => ask.event === 'chat:post');
  expect(posts.map((ask) => ask.request.clientId)).toEqual(['mine-1', 'mine-1']);
});

test('a line that is still not sent after four tries says so and may be tried again by hand', async () => {
  await join([1]);
  client.say('hello');
  for (let i = 0; i < 4; i += 1) {
    socket.newest('chat:post').answer({ ok: false, reason: 'unavailable', message: 'The store is away.' });
    await pass();
  }
  expect(client.getState().outbox).toMatchObject([{ state: 'failed', problem: 'The store is away.', mayRetry: true }]);
  client.retry('mine-1');
  expect(client.getState().outbox).toMatchObject([{ state: 'sending' }]);
  expect(socket.asks.filter((ask) => ask.event === 'chat:post')).toHaveLength(5);
});

test('a refusal for the words themselves is final, and can be discarded', async () => {
  await join([1]);
  client.say('\u202E');
  socket.newest('chat:post').answer({ ok: false, reason: 'bad-request', message: 'Nothing to send.' });
  await pass();
  expect(client.getState().outbox).toMatchObject([{ state: 'failed', mayRetry: false }]);
  client.discard('mine-1');
  expect(client.getState().outbox).toEqual([]);
});

test('a missed batch is asked for and comes in its place', async () => {
  await join([1]);
  socket.tell('chat:batch', { messages: [message(4)] });
  await pass();
  const ask = socket.newest('chat:history');
  expect(ask.request).toEqual({ fromSeq: 2, toSeq: 3 });
  ask.answer({ ok: true, messages: [message(2), message(3)] });
  await pass();
  expect(texts()).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
});

test('batches of two instances that cross are put in order without asking', async () => {
  await join([1]);
  socket.tell('chat:batch', { messages: [message(3)] });
  socket.tell('chat:batch', { messages: [message(2)] });
  await pass();
  expect(texts()).toEqual(['line 1', 'line 2', 'line 3']);
  expect(socket.asks.some((ask) => ask.event === 'chat:history')).toBe(false);
});

test('the heartbeat repairs a lost last message', async () => {
  await join([1]);
  socket.tell('chat:head', { seq: 2 });
  await pass();
  expect(socket.newest('chat:history').request).toEqual({ fromSeq: 2, toSeq: 2 });
});

test('who comes back is told how long it was away and what was missed, and what waited is sent', async () => {
  await join([1]);
  socket.drop();
  expect(client.getState().connection).toBe('reconnecting');
  client.say('said while away');
  nowMs = 12_000;
  socket.connect();
  expect(socket.newest('channel:join').request).toEqual({ handle: 'ann', lastSeq: 1 });
  await join([2, 3], { recovered: true });
  expect(client.getState().interruption).toEqual({ afterSeq: 1, seconds: 12, missed: 2 });
  expect(texts()).toEqual(['line 1', 'line 2', 'line 3']);
  expect(socket.newest('chat:post').request).toEqual({ clientId: 'mine-1', text: 'said while away' });
});

test('who was away too long starts anew and is told that there is a gap', async () => {
  await join([1]);
  socket.drop();
  nowMs = 3_600_000;
  socket.connect();
  await join([900, 901]);
  expect(texts()).toEqual(['line 900', 'line 901']);
  expect(client.getState().interruption).toMatchObject({ missed: 'unknown' });
});

test('a server that is away at first is said, and the first join is no interruption', async () => {
  socket.drop();
  expect(client.getState().connection).toBe('reconnecting');
  socket.connect();
  await join([5, 6]);
  expect(client.getState()).toMatchObject({ connection: 'joined', interruption: null });
});

test('an unknown channel is final, a store that is away is not', async () => {
  socket.newest('channel:join').answer({ ok: false, reason: 'unavailable', message: 'away' });
  await pass();
  expect(socket.asks.filter((ask) => ask.event === 'channel:join')).toHaveLength(2);
  socket.newest('channel:join').answer({ ok: false, reason: 'not-found', message: 'There is no such channel.' });
  await pass();
  expect(client.getState()).toMatchObject({ connection: 'refused', refusal: 'There is no such channel.' });
});

test('reactions of others add to the totals', async () => {
  await join([], { reactions: { fire: 2 } });
  const bursts: unknown[] = [];
  client.onBurst((counts) => bursts.push(counts));
  socket.tell('reaction:burst', { counts: { fire: 3, wow: 1 } });
  expect(client.getState().reactions).toEqual({ fire: 5, wow: 1 });
  expect(bursts).toEqual([{ fire: 3, wow: 1 }]);
});
