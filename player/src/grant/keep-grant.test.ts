import { describe, expect, test } from 'vitest';
import { type GrantWorld, keepGrant, withNewestGrant } from './keep-grant.ts';

/** A world whose time moves when it is told to, and an origin that counts. */
function world(answer: (path: string) => { status: number; body: unknown } | null) {
  const asked: string[] = [];
  let nowMs = 0;
  let tasks: { at: number; task: () => void }[] = [];
  const made: GrantWorld = {
    async post(path) {
      asked.push(path);
      return answer(path);
    },
    after(ms, task) {
      const one = { at: nowMs + ms, task };
      tasks.push(one);
      return () => {
        tasks = tasks.filter((each) => each !== one);
      };
    },
    random: () => 0,
  };
  return {
    ...made,
    asked,
    waiting: () => tasks.length,
    async pass(ms: number) {
      nowMs += ms;
      const due = tasks.filter(({ at }) => at <= nowMs);
      tasks = tasks.filter(({ at }) => at > nowMs);
      for (const { task } of due) task();
      await new Promise((resume) => setImmediate(resume));
    },
  };
}

let used = 0;
/** Addresses of a show that no other test plays. */
function show() {
  const base = `https://play.example/play/pb_${used++}`;
  return { base, src: `${base}~first.grant/index.m3u8`, piece: `${base}~first.grant/720p/4.m4s?x=1` };
}

describe('keeping a grant', () => {
  test('an address without a grant is left alone, and nothing is asked', async () => {
    const at = world(() => null);
    const stop = keepGrant('https://play.example/play/pb_open/index.m3u8', at);
    await at.pass(3_600_000);
    expect([at.asked, at.waiting()]).toEqual([[], 0]);
    expect(withNewestGrant('https://play.example/play/pb_open/720p/4.m4s')).toBe(
      'https://play.example/play/pb_open/720p/4.m4s',
    );
    stop();
  });

  test('every address of the show is asked for with the newest grant, those of other shows are not', async () => {
    const { base, src, piece } = show();
    const other = show();
    let n = 1;
    const at = world(() => ({ status: 200, body: { grant: `grant.${++n}`, expiresInS: 600 } }));
    const stop = keepGrant(src, at);
    expect(withNewestGrant(piece)).toBe(piece);
    await at.pass(3000);
    expect(at.asked).toEqual([`${base}~first.grant/renew`]);
    expect(withNewestGrant(piece)).toBe(`${base}~grant.2/720p/4.m4s?x=1`);
    expect(withNewestGrant(other.piece)).toBe(other.piece);
    // Each is asked for with the one before it, long before that ends.
    await at.pass(359_000);
    expect(at.asked.length).toBe(1);
    await at.pass(1000);
    expect(at.asked[1]).toBe(`${base}~grant.2/renew`);
    expect(withNewestGrant(piece)).toBe(`${base}~grant.3/720p/4.m4s?x=1`);
    stop();
    expect(at.waiting()).toBe(0);
  });

  test('addresses that came with a renewed grant go on with the newest too; one that the page was given anew counts as it is', async () => {
    const { base, src, piece } = show();
    let n = 1;
    const at = world(() => ({ status: 200, body: { grant: `grant.${++n}`, expiresInS: 600 } }));
    keepGrant(src, at);
    await at.pass(3000);
    await at.pass(360_000);
    expect(withNewestGrant(piece.replace('first.grant', 'grant.2'))).toBe(`${base}~grant.3/720p/4.m4s?x=1`);
    const anew = piece.replace('first.grant', 'from.the.page');
    expect(withNewestGrant(anew)).toBe(anew);
  });

  test.each([
    ['silence', null],
    ['an origin in trouble', { status: 503, body: null }],
    ['an answer that is none', { status: 200, body: { grant: 7 } }],
  ])('%s is asked again within seconds, with the grant that still holds', async (_what, trouble) => {
    const { src, piece } = show();
    let well = false;
    const at = world(() => (well ? { status: 200, body: { grant: 'back', expiresInS: 600 } } : trouble));
    const stop = keepGrant(src, at);
    await at.pass(3000);
    await at.pass(5000);
    expect(at.asked.length).toBe(2);
    expect(withNewestGrant(piece)).toBe(piece);
    well = true;
    await at.pass(5000);
    expect(withNewestGrant(piece)).toContain('~back/');
    stop();
  });

  test.each([403, 404, 409])('a refusal (%i) is final', async (status) => {
    const { src } = show();
    const at = world(() => ({ status, body: null }));
    keepGrant(src, at);
    await at.pass(3000);
    await at.pass(3_600_000);
    expect([at.asked.length, at.waiting()]).toEqual([1, 0]);
  });

  test('after the stop nothing that was under way counts', async () => {
    const { src, piece } = show();
    const at = world(() => ({ status: 200, body: { grant: 'late', expiresInS: 600 } }));
    const stop = keepGrant(src, at);
    const passing = at.pass(3000);
    stop();
    await passing;
    expect([withNewestGrant(piece), at.waiting()]).toEqual([piece, 0]);
  });
});
