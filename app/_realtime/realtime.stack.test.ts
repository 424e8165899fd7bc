import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeChatLogContract } from '#core/chat/chat-log.contract';
import { describePostAllowanceContract } from '#core/chat/post-allowance.contract';
import { describeReactionTallyContract } from '#core/chat/reaction-tally.contract';
import { buildRealtimeServices } from '#wiring/realtime-services';
import { buildServices } from '#wiring/services';
import { eventually, joined, listen, say, startGateway } from './testing/start-gateway.ts';
import { readTestEnv } from './testing/test-install.ts';

const env = { ...readTestEnv(), LOG_LEVEL: 'silent' as const };
const services = buildServices(env, { name: 'realtime test' });
const realtime = buildRealtimeServices(services);
const fresh = (prefix: string) => `${prefix}_test${randomUUID()}`;
const touched: string[] = [];
const freshChannel = () => {
  const id = fresh('ch');
  touched.push(id);
  return id;
};
afterAll(async () => {
  const { database } = services.connections;
  await database.query('delete from chat_message where channel_id = any($1)', [touched]);
  await database.query('delete from channel_chat where channel_id = any($1)', [touched]);
  realtime.close();
  await services.close();
});

describeChatLogContract('PostgreSQL', async () => realtime.chatLog, freshChannel);
describeReactionTallyContract('Redis', realtime.tally, () => fresh('br'));
describePostAllowanceContract('Redis', realtime.allowance, () => fresh('gst'));

describe('two instances of the gateway', () => {
  const channelId = freshChannel();
  const other = buildRealtimeServices(services);
  const findChannel = async () => ({ id: channelId, channelId, handle: 'ann', ownerId: 'usr_owner', broadcast: null });
  type Running = Awaited<ReturnType<typeof startGateway>>;
  let one: Running;
  let two: Running;
  beforeAll(async () => {
    const shared = { chatLog: realtime.chatLog, tally: realtime.tally, ids: services.ids, findChannel };
    one = await startGateway({ ...shared, adapter: realtime.adapter });
    two = await startGateway({ ...shared, adapter: other.adapter });
    // The readers of the stream are up when a message crosses.
    const [here, there] = [one.page(), two.page()];
    await Promise.all([joined(here), joined(there)]);
    const heard = listen(there);
    const calls = setInterval(() => void say(here, 'is anybody there?'), 100);
    await eventually(() => heard.length > 0, 'a message crosses from one instance to the other');
    clearInterval(calls);
  });
  afterAll(async () => {
    await Promise.all([one.close(), two.close()]);
    other.close();
  });

  test('everyone has everything once, in the order of places, whichever instance it was said on', async () => {
    const readers = [one.page(), two.page()];
    const starts = await Promise.all(readers.map((page) => joined(page)));
    const heard = readers.map(listen);
    const writers = await Promise.all(
      [one, two, one, two].map(async (instance) => {
        const page = instance.page();
        await joined(page);
        return page;
      }),
    );
    const said = await Promise.all(
      writers.flatMap((page, i) => Array.from({ length: 10 }, (_, n) => say(page, `${i}-${n}`))),
    );
    expect(said.every((answer) => answer.ok)).toBe(true);
    await eventually(() => heard.every((lines) => lines.length >= 40), 'forty lines at both readers');
    const places = heard.map((lines) => lines.map((line) => line.seq).sort((a, b) => a - b));
    const from = Math.max(...starts.map((start) => start.headSeq));
    for (const at of places) {
      const those = at.filter((seq) => seq > from).slice(-40);
      expect(those).toEqual(Array.from({ length: those.length }, (_, i) => (those[0] ?? 0) + i));
      expect(new Set(at).size).toBe(at.length);
    }
    const [stored] = await Promise.all([realtime.chatLog.last(channelId, 40)]);
    for (const writer of [0, 1, 2, 3]) {
      const own = stored.filter((line) => line.text.startsWith(`${writer}-`));
      expect(own).toHaveLength(10);
    }
  });

  test('a retry at the other instance after the first one died is stored once', async () => {
    const page = one.page();
    const { me } = await joined(page);
    const clientId = randomUUID();
    const first = await say(page, 'said once', clientId);
    page.disconnect();
    const again = two.page({ auth: { v: 1, guestToken: me.guestToken } });
    await joined(again);
    expect(await say(again, 'said once', clientId)).toEqual(first);
  });
});
