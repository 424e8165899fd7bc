import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryChatLog } from '#adapters/memory/chat-log';
import {
  broadcast,
  eventually,
  joined,
  listen,
  newClientId,
  OWN_ORIGIN,
  say,
  startGateway,
} from './testing/start-gateway.ts';

type Running = Awaited<ReturnType<typeof startGateway>>;
let here: Running;
beforeEach(async () => {
  here = await startGateway();
});
afterEach(() => here.close());

describe('chat', () => {
  test('two chat, and a third who joins late has the history in order', async () => {
    const [ann, bob] = [here.page(), here.page()];
    await joined(ann);
    await joined(bob);
    const heard = listen(bob);
    expect(await say(ann, 'hello')).toEqual({ ok: true, seq: 1 });
    expect(await say(bob, 'hi Ann')).toEqual({ ok: true, seq: 2 });
    await eventually(() => heard.length === 2, 'bob hears both');
    const late = await joined(here.page());
    expect(late.messages.map((message) => [message.seq, message.text])).toEqual([
      [1, 'hello'],
      [2, 'hi Ann'],
    ]);
    expect(late.headSeq).toBe(2);
    expect(late.recovered).toBe(false);
    expect(late.broadcast?.id).toBe(broadcast.id);
  });

  test('a retry after a lost acknowledgement is stored once and gets the same place', async () => {
    const page = here.page();
    await joined(page);
    const heard = listen(page);
    const clientId = newClientId();
    const lost = say(page, 'once', clientId);
    const retry = say(page, 'once', clientId);
    expect([await lost, await retry]).toEqual([
      { ok: true, seq: 1 },
      { ok: true, seq: 1 },
    ]);
    await say(page, 'after');
    await eventually(() => heard.some((message) => message.text === 'after'), 'the line after it');
    expect(heard.map((message) => message.seq)).toEqual([1, 2]);
  });

  test('messages said within 50 ms arrive in one batch, by seq', async () => {
    const [ann, bob] = [here.page(), here.page()];
    await joined(ann);
    await joined(bob);
    const batches: number[][] = [];
    bob.on('chat:batch', ({ messages }) => batches.push(messages.map((message) => message.seq)));
    await Promise.all(Array.from({ length: 10 }, (_, i) => say(ann, `line ${i}`)));
    await eventually(() => batches.flat().length === 10, 'ten lines');
    expect(batches.flat()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(batches.length).toBeLessThan(10);
  });

  test('who was away gets what was missed, and who was away too long starts anew', async () => {
    const { chatLog } = here.parts;
    const author = { id: 'gst_x', name: 'X', role: 'guest' as const };
    for (let i = 1; i <= 260; i += 1) {
      const line = {
        id: `msg_${i}`,
        channelId: 'ch_1',
        clientId: `c${i}`,
        author,
        text: `${i}`,
        replyTo: null,
        atMs: i,
      };
      await chatLog.append(line);
    }
    const near = await joined(here.page(), 240);
    expect([near.recovered, near.messages.at(0)?.seq, near.messages.length]).toEqual([true, 241, 20]);
    const far = await joined(here.page(), 100);
    expect([far.recovered, far.messages.at(0)?.seq, far.messages.length]).toEqual([true, 101, 160]);
    const gone = await joined(here.page(), 10);
    expect([gone.recovered, gone.messages.at(0)?.seq, gone.messages.length]).toEqual([false, 211, 50]);
    const ahead = await joined(here.page(), 9999);
    expect([ahead.recovered, ahead.messages.length]).toEqual([false, 50]);
  });

  test('a gap is repaired by asking for the range', async () => {
    const page = here.page();
    await joined(page);
    for (const text of ['a', 'b', 'c', 'd']) await say(page, text);
    const answer = await page.emitWithAck('chat:history', { fromSeq: 2, toSeq: 3 });
    expect(answer.ok && answer.messages.map((message) => message.text)).toEqual(['b', 'c']);
    expect(await page.emitWithAck('chat:history', { fromSeq: 1, toSeq: 201 })).toMatchObject({
      ok: false,
      field: 'toSeq',
    });
  });

  test('the 21st message in 30 s is refused with a wait, in words', async () => {
    const page = here.page();
    await joined(page);
    for (let i = 0; i < 20; i += 1) expect(await say(page, `${i}`)).toMatchObject({ ok: true });
    const answer = await say(page, 'one too many');
    expect(answer).toMatchObject({ ok: false, reason: 'rate-limited' });
    expect(answer.ok === false && answer.retryAfterMs).toBeGreaterThan(0);
  });

  test('what is not text for a person is refused with the name of the field', async () => {
    const page = here.page();
    await joined(page);
    const clientId = newClientId();
    const wrong: [unknown, string][] = [
      [{ clientId, text: '' }, 'text'],
      [{ clientId, text: ' \u0000\u202E ' }, 'text'],
      [{ clientId, text: 'x'.repeat(501) }, 'text'],
      [{ clientId: 'not a uuid', text: 'x' }, 'clientId'],
      [{ clientId, text: 'x', role: 'host' }, 'role'],
      [{ clientId, text: 'x', replyTo: 9 }, 'replyTo'],
      [{ clientId, text: 7 }, 'text'],
    ];
    for (const [request, field] of wrong) {
      expect(await page.emitWithAck('chat:post', request as never)).toMatchObject({
        ok: false,
        reason: 'bad-request',
        field,
      });
    }
    for (const odd of [null, 'text', 7, []]) {
      expect(await page.emitWithAck('chat:post', odd as never)).toMatchObject({ ok: false, reason: 'bad-request' });
    }
    expect(await say(page, '😀'.repeat(500))).toMatchObject({ ok: true });
    expect(await say(page, `Z${'\u0301'.repeat(50)}`)).toMatchObject({ ok: true });
    const { messages } = await joined(page);
    expect(messages.at(-1)?.text).toBe(`Z${'\u0301'.repeat(3)}`);
  });

  test('a page that joined nothing can say nothing', async () => {
    expect(await say(here.page(), 'hello?')).toMatchObject({ ok: false, reason: 'not-joined' });
  });

  test('an unknown channel is refused, and the one before is left', async () => {
    const page = here.page();
    await joined(page);
    expect(await page.emitWithAck('channel:join', { handle: 'nobody' })).toMatchObject({
      ok: false,
      reason: 'not-found',
    });
    expect(await say(page, 'still here?')).toMatchObject({ ok: false, reason: 'not-joined' });
  });
});

describe('when the chat store is away', () => {
  test('posting is refused in words, and works again when it is back', async () => {
    const log = createMemoryChatLog();
    let isAway = false;
    const away = async (): Promise<never> => {
      throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
    };
    await here.close();
    here = await startGateway({ chatLog: { ...log, append: (line) => (isAway ? away() : log.append(line)) } });
    const page = here.page();
    await joined(page);
    isAway = true;
    const refusal = await say(page, 'hello');
    expect(refusal).toMatchObject({ ok: false, reason: 'unavailable' });
    expect(JSON.stringify(refusal)).not.toContain('ECONNREFUSED');
    isAway = false;
    expect(await say(page, 'hello')).toEqual({ ok: true, seq: 1 });
  });

  test('joining is refused in words, and the page is in no channel', async () => {
    await here.close();
    const log = createMemoryChatLog();
    here = await startGateway({ chatLog: { ...log, last: async () => Promise.reject(new Error('away')) } });
    const page = here.page();
    expect(await page.emitWithAck('channel:join', { handle: 'ann' })).toMatchObject({
      ok: false,
      reason: 'unavailable',
    });
    expect(await say(page, 'hello')).toMatchObject({ ok: false, reason: 'not-joined' });
  });
});

describe('people', () => {
  test('a guest has a name, changes it, and keeps it on the next visit', async () => {
    const page = here.page();
    const first = await joined(page);
    expect(first.me).toMatchObject({ role: 'guest', name: expect.stringMatching(/^\p{Lu}\w+ \p{Lu}\w+ \d\d$/u) });
    const renamed = await page.emitWithAck('guest:rename', { name: '  Mira\u202E ' });
    expect(renamed).toMatchObject({ ok: true, me: { id: first.me.id, name: 'Mira' } });
    const guestToken = renamed.ok ? renamed.me.guestToken : null;
    const next = await joined(here.page({ auth: { v: 1, guestToken } }));
    expect(next.me).toMatchObject({ id: first.me.id, name: 'Mira' });
  });

  test('a forged guest token is a new guest', async () => {
    const { me } = await joined(here.page());
    const forged = `${me.guestToken?.slice(0, -4)}AAAA`;
    expect((await joined(here.page({ auth: { v: 1, guestToken: forged } }))).me.id).not.toBe(me.id);
  });

  test('the owner is known by the cookie and is the host of the chat', async () => {
    const page = here.page({ headers: { origin: OWN_ORIGIN, cookie: 'owner=1' } });
    expect((await joined(page)).me).toEqual({ id: 'usr_owner', name: 'Ann Owner', role: 'host', guestToken: null });
    expect(await page.emitWithAck('guest:rename', { name: 'Else' })).toMatchObject({ ok: false, field: 'name' });
  });

  test('a cookie without an origin counts for nothing', async () => {
    const page = here.page({ headers: { cookie: 'owner=1' } });
    expect((await joined(page)).me.role).toBe('guest');
  });

  test('pages of other origins, and of none at all, cannot connect', async () => {
    for (const origin of ['http://evil.example', 'null', `${OWN_ORIGIN}.evil.example`, 'http://127.0.0.1:8801']) {
      const page = here.page({ headers: { origin } });
      await once(page as never, 'connect_error');
      expect(page.connected).toBe(false);
    }
    expect((await here.gateway.metrics.refusedOrigins.get()).values[0]?.value).toBe(4);
  });

  test('another version of the contract is refused', async () => {
    const [error] = await once(here.page({ auth: { v: 99 } }) as never, 'connect_error');
    expect((error as Error).message).toBe('bad-request');
  });
});

describe('reactions, audience, news', () => {
  test('reactions arrive as counts and are kept as totals', async () => {
    const [ann, bob] = [here.page(), here.page()];
    await joined(ann);
    await joined(bob);
    const heard: Record<string, number>[] = [];
    bob.on('reaction:burst', ({ counts }) => heard.push(counts));
    for (const kind of ['fire', 'fire', 'clap'] as const) {
      expect(await ann.emitWithAck('reaction:send', { kind })).toEqual({ ok: true });
    }
    await eventually(() => heard.length > 0, 'a burst');
    expect(heard).toEqual([{ fire: 2, clap: 1 }]);
    expect((await joined(here.page())).reactions).toEqual({ fire: 2, clap: 1 });
    expect(await ann.emitWithAck('reaction:send', { kind: 'nuke' as never })).toMatchObject({
      ok: false,
      field: 'kind',
    });
  });

  test('the audience is told when it changed', async () => {
    here.audience.current = 3;
    const page = here.page();
    const counts: number[] = [];
    page.on('audience:count', ({ audience }) => counts.push(audience));
    expect((await joined(page)).audience).toBe(3);
    await eventually(() => counts.length === 1, 'the first count');
    here.audience.current = 5;
    await eventually(() => counts.length === 2, 'the changed count');
    expect(counts).toEqual([3, 5]);
  });

  test("a broadcast's change reaches the channel, an encoder's only its owner", async () => {
    const viewer = here.page();
    const owner = here.page({ headers: { origin: OWN_ORIGIN, cookie: 'owner=1' } });
    await joined(viewer);
    await joined(owner);
    const [forViewer, forOwner]: [string[], string[]] = [[], []];
    viewer.on('ingest:changed', () => forViewer.push('ingest'));
    viewer.on('broadcast:changed', (change) => forViewer.push(change.broadcast.state));
    owner.on('ingest:changed', ({ ingest }) => forOwner.push(ingest.sentence));
    const ingest = { state: 'publishing', protocol: 'rtmp', sentence: 'OBS is connected.', atMs: 1 } as const;
    here.tellNews({ kind: 'ingest', channelId: 'ch_1', ingest });
    here.tellNews({ kind: 'broadcast', channelId: 'ch_1', broadcast: { ...broadcast, state: 'ended' } });
    await eventually(() => forViewer.length === 1 && forOwner.length === 1, 'news on both pages');
    expect(forViewer).toEqual(['ended']);
    expect(forOwner).toEqual(['OBS is connected.']);
  });
});

test('two hundred who join at once cost the store a few reads', async () => {
  const log = createMemoryChatLog();
  let reads = 0;
  await here.close();
  here = await startGateway({
    chatLog: {
      ...log,
      last: async (channelId, count) => {
        reads += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return log.last(channelId, count);
      },
    },
  });
  await Promise.all(Array.from({ length: 200 }, () => joined(here.page())));
  expect(reads).toBeLessThan(40);
});
