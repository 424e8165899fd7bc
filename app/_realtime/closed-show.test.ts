import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '#core/shared/app-error';
import {
  broadcast,
  eventually,
  joined,
  listen,
  OWN_ORIGIN,
  type Page,
  say,
  startGateway,
} from './testing/start-gateway.ts';

/** The chat of a broadcast that not everyone may watch, beside the one of its channel. */
const closed = { ...broadcast, id: 'br_closed', playbackId: 'pb_closed', visibility: 'ticket' as const };
const PASSES: Record<string, string> = { 'pass-ann': 'tk_ann', 'pass-bob': 'tk_bob' };

let here: Awaited<ReturnType<typeof startGateway>>;
beforeEach(async () => {
  here = await startGateway({
    letIn: async ({ broadcastId, pass, actor }) => {
      if (broadcastId !== closed.id) return null;
      const viewer = PASSES[pass ?? ''] ?? null;
      if (viewer === null && actor.kind === 'anonymous') throw new AppError('pass-ended', { message: 'Ended.' });
      const place = { viewer, epoch: 0 };
      return { id: closed.id, channelId: 'ch_1', handle: 'ann', ownerId: 'usr_owner', broadcast: closed, place };
    },
  });
});
afterEach(() => here.close());

const join = (page: Page, pass?: string) =>
  page.emitWithAck('channel:join', { handle: 'ann', show: closed.id, ...(pass ? { pass } : {}) });
const host = () => here.page({ headers: { origin: OWN_ORIGIN, cookie: 'owner=1' } });

test('what is said in it is heard in it alone, by guests who were let in and by the host', async () => {
  const [ann, owner, passer] = [here.page(), host(), here.page()];
  expect(await join(ann, 'pass-ann')).toMatchObject({ ok: true, broadcast: { id: closed.id } });
  expect(await join(owner)).toMatchObject({ ok: true, me: { role: 'host' } });
  await joined(passer);
  const [heard, overheard] = [listen(owner), listen(passer)];
  await say(ann, 'between us');
  await say(passer, 'in the open');
  await eventually(() => heard.length === 1 && overheard.length === 1, 'each hears one line');
  expect([heard[0]?.text, overheard[0]?.text]).toEqual(['between us', 'in the open']);
  expect((await joined(here.page())).messages.map(({ text }) => text)).toEqual(['in the open']);
});

test('who has nothing that lets in is refused for good, and an unknown show is not there', async () => {
  expect(await join(here.page())).toEqual({ ok: false, reason: 'not-allowed', message: 'Ended.' });
  const answer = await here.page().emitWithAck('channel:join', { handle: 'ann', show: 'br_none' });
  expect(answer).toMatchObject({ ok: false, reason: 'not-found' });
});

test('its news are for those who are in and for the studio, and are no news of the channel', async () => {
  const [ann, owner, passer] = [here.page(), host(), here.page()];
  await join(ann, 'pass-ann');
  await joined(owner);
  await joined(passer);
  const told: Record<string, string[]> = { ann: [], owner: [], passer: [] };
  ann.on('broadcast:changed', (news) => told.ann?.push(news.broadcast.id));
  owner.on('broadcast:changed', (news) => told.owner?.push(news.broadcast.id));
  passer.on('broadcast:changed', (news) => told.passer?.push(news.broadcast.id));
  here.tellNews({ kind: 'broadcast', channelId: 'ch_1', broadcast: closed });
  here.tellNews({ kind: 'broadcast', channelId: 'ch_1', broadcast });
  await eventually(() => told.passer?.length === 1 && told.ann?.length === 1, 'each is told');
  expect(told).toEqual({ ann: [closed.id], owner: [closed.id, broadcast.id], passer: [broadcast.id] });
});

test('a show that is closed while it runs is no longer the channel’s: its audience is not told there', async () => {
  here.audience.current = 7;
  const page = here.page();
  const heard: number[] = [];
  page.on('audience:count', ({ audience }) => heard.push(audience));
  expect((await joined(page)).audience).toBe(7);
  here.tellNews({ kind: 'broadcast', channelId: 'ch_1', broadcast: { ...broadcast, visibility: 'password' } });
  await eventually(() => heard.at(-1) === 0, 'nothing is counted for the channel');
});

test('one who is sent away is cut off and not let in again; when all are, the host stays', async () => {
  const [ann, bob, owner] = [here.page(), here.page(), host()];
  await join(ann, 'pass-ann');
  await join(bob, 'pass-bob');
  await join(owner);
  const news = { kind: 'sent-away' as const, broadcastId: closed.id };
  here.tellNews({ ...news, epoch: 0, viewer: 'tk_ann' });
  await eventually(() => ann.disconnected, 'ann is cut off');
  expect([bob.connected, owner.connected]).toEqual([true, true]);
  here.tellNews({ ...news, epoch: 0, viewer: null });
  await say(bob, 'still here');
  here.tellNews({ ...news, epoch: 1, viewer: null });
  await eventually(() => bob.disconnected, 'bob is cut off');
  expect(owner.connected).toBe(true);
});
