import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSeatDesk, type SeatWorld } from './seat-desk.ts';
import { type LinkEnd, SeatError, type SeatLink } from './seat-link.ts';

type Answer = Awaited<ReturnType<SeatWorld['call']>>;
const TICKET = { seat: 'seat_1', livekitUrl: 'ws://x', token: 't', renewAfterS: 15 };
const GIVEN: Answer = { status: 201, body: TICKET };
const FULL: Answer = { status: 503, body: { error: { code: 'full', message: 'Every seat is taken.' } } };
const RENEWED: Answer = { status: 200, body: { renewAfterS: 15 } };

/** A desk in a world whose answers the test gives; by default there is a seat, and it lasts. */
function open(world: Partial<Pick<SeatWorld, 'connect'>> & { post?: () => Answer; put?: () => Answer } = {}) {
  const seen = { calls: [] as string[], states: [] as string[], shown: 0, lost: 0, closedLinks: 0 };
  let end: (why: LinkEnd) => void = () => {};
  const connect = async (): Promise<SeatLink> => ({
    stream: null as unknown as MediaStream,
    gone: new Promise((resolve) => {
      end = resolve;
    }),
    facts: { bitrateKbps: null, fps: null, codecs: null },
    close: () => void seen.closedLinks++,
  });
  const desk = openSeatDesk(
    {
      async call(method, path) {
        seen.calls.push(`${method} ${path}`);
        if (method === 'POST') return (world.post ?? (() => GIVEN))();
        return method === 'PUT' ? (world.put ?? (() => RENEWED))() : { status: 204, body: null };
      },
      connect: world.connect ?? connect,
      pause: (ms, signal) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, ms);
          signal.addEventListener('abort', () => {
            clearTimeout(timer);
            resolve();
          });
        }),
      nowMs: () => Date.now(),
    },
    {
      onSeat: () => void seen.shown++,
      onLost: () => void seen.lost++,
      onState: (state, problem) => void seen.states.push(problem ? `${state}: ${problem}` : state),
    },
  );
  return { desk, seen, end: (why: LinkEnd) => end(why) };
}
const pass = (s: number) => vi.advanceTimersByTimeAsync(s * 1000);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a desk for seats', () => {
  test('takes a seat, renews it, and gives it back when it is closed', async () => {
    const { desk, seen } = open();
    await pass(46);
    expect(seen.states).toEqual(['asking', 'on']);
    expect(seen.calls).toEqual(['POST ', 'PUT /seat_1', 'PUT /seat_1', 'PUT /seat_1']);
    desk.close();
    await pass(60);
    expect(seen.calls.slice(4)).toEqual(['DELETE /seat_1']);
    expect(seen.closedLinks).toBe(1);
    expect(seen.states).toEqual(['asking', 'on']);
  });

  test('with a full house says so, and takes the next seat that is free', async () => {
    let free = false;
    const { seen } = open({ post: () => (free ? GIVEN : FULL) });
    await pass(1);
    expect(seen.states).toEqual(['asking', 'away: full']);
    free = true;
    await pass(30);
    expect(seen.states.slice(2)).toEqual(['asking', 'on']);
  });

  test('whose connection is lost asks again soon, and more and more rarely while it stays so', async () => {
    let works = true;
    const { seen, end } = open({
      post: () => (works ? GIVEN : null),
    });
    await pass(1);
    works = false;
    end('lost');
    await pass(0);
    expect(seen).toMatchObject({ shown: 1, lost: 1, closedLinks: 1 });
    expect(seen.states.at(-1)).toBe('away: lost');
    await pass(2);
    expect(seen.states.at(-1)).toBe('away: unreachable');
    const asked = () => seen.calls.filter((call) => call === 'POST ').length;
    await pass(9);
    expect(asked()).toBe(2);
    await pass(1);
    expect(asked()).toBe(3);
    await pass(29);
    expect(asked()).toBe(3);
    works = true;
    await pass(1);
    expect(seen.states.at(-1)).toBe('on');
  });

  test('a seat that was taken back is given up at once, and asked for again a minute later', async () => {
    let kept = true;
    const { seen } = open({ put: () => (kept ? RENEWED : { status: 404, body: null }) });
    await pass(16);
    kept = false;
    await pass(15);
    expect(seen.lost).toBe(1);
    expect(seen.states.at(-1)).toBe('away: takenBack');
    kept = true;
    await pass(60);
    expect(seen.states.at(-1)).toBe('on');
  });

  test.each([null, { status: 503, body: null }, { status: 429, body: null }])(
    'a server that does not answer a renewal (%o) takes nothing back',
    async (answer) => {
      const { seen } = open({ put: () => answer });
      await pass(60);
      expect([seen.states.at(-1), seen.lost]).toEqual(['on', 0]);
    },
  );

  test.each(['unreachable', 'noPicture', 'lost'] as const)(
    'a room that cannot be used (%s) leaves the picture alone and gives the seat back',
    async (problem) => {
      const { seen } = open({ connect: () => Promise.reject(new SeatError(problem)) });
      await pass(1);
      expect(seen.states).toEqual(['asking', `away: ${problem}`]);
      expect(seen).toMatchObject({ shown: 0, lost: 0, calls: ['POST ', 'DELETE /seat_1'] });
    },
  );

  test.each([
    { status: 404, body: { error: { code: 'not-found' } } },
    { status: 409, body: { error: { code: 'wrong-state' } } },
    { status: 403, body: null },
  ])('where none is given (%o) it does not ask again by itself', async (answer) => {
    const { seen } = open({ post: () => answer });
    await pass(600);
    expect(seen.states).toEqual(['asking', 'away: refused']);
    expect(seen.calls).toEqual(['POST ']);
  });

  test('closed while it connects shows nothing and keeps nothing', async () => {
    let connected: (link: SeatLink) => void = () => {};
    const { desk, seen } = open({
      connect: () =>
        new Promise((resolve) => {
          connected = resolve;
        }),
    });
    await pass(1);
    desk.close();
    let closed = 0;
    connected({ stream: null as never, gone: new Promise(() => {}), facts: null as never, close: () => void closed++ });
    await pass(1);
    expect([seen.shown, closed, seen.calls.at(-1)]).toEqual([0, 1, 'DELETE /seat_1']);
  });
});
