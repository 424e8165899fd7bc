import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../api.ts';
import { enterAgain, problemOf, takeTicket, unlock } from './unlock.ts';

const kept = new Map<string, string>();
type Asked = { path: string; body: Record<string, string> };
let asked: Asked[];
let answers: (() => Response)[];

beforeEach(() => {
  kept.clear();
  asked = [];
  answers = [];
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  vi.stubGlobal('fetch', async (path: string, { body }: { body: string }) => {
    asked.push({ path, body: JSON.parse(body) });
    return answers.shift()?.() ?? new Response(null, { status: 500 });
  });
});
afterEach(() => vi.unstubAllGlobals());

const letIn = (pass: string) => () => Response.json({ pass, broadcast: { id: 'br_1' } });
const refuse =
  (code: string, status = 403) =>
  () =>
    Response.json({ error: { code, message: code } }, { status });

test('who was let in is let in again by the pass, and a ticket in the address is not used up', async () => {
  answers = [letIn('one'), letIn('two')];
  await unlock('br_1', { password: 'lantern' });
  expect((await enterAgain('br_1', 'ticket', 'tk_1.code'))?.pass).toBe('two');
  expect(asked.map(({ body }) => body)).toEqual([{ password: 'lantern' }, { pass: 'one' }]);
  expect(asked[0]?.path).toBe('/api/v1/broadcasts/br_1/unlock');
  expect(kept.get('openair-pass:br_1')).toBe('two');
});

test('a pass that ended is forgotten, and the ticket in the address is tried then', async () => {
  kept.set('openair-pass:br_1', 'old');
  answers = [refuse('ticket-revoked'), letIn('new')];
  expect((await enterAgain('br_1', 'ticket', 'tk_2.code'))?.pass).toBe('new');
  expect(asked[1]?.body).toEqual({ ticket: 'tk_2.code', browser: expect.stringMatching(/^[0-9a-f]{32}$/) });
  answers = [refuse('pass-ended')];
  kept.set('openair-pass:br_1', 'old');
  await expect(enterAgain('br_1', 'password', null)).rejects.toMatchObject({ code: 'pass-ended' });
  expect(kept.has('openair-pass:br_1')).toBe(false);
});

test('while a part does not answer the pass is kept', async () => {
  kept.set('openair-pass:br_1', 'mine');
  answers = [refuse('unavailable', 503)];
  await expect(enterAgain('br_1', 'password', null)).rejects.toMatchObject({ code: 'unavailable' });
  expect(kept.get('openair-pass:br_1')).toBe('mine');
});

test('a browser is known again by its ticket', async () => {
  answers = [refuse('unavailable', 503), letIn('mine')];
  await expect(unlock('br_1', { ticket: 'tk_1.code' })).rejects.toBeDefined();
  await unlock('br_1', { ticket: 'tk_1.code' });
  expect(asked[0]?.body.browser).toBe(asked[1]?.body.browser);
  expect(await enterAgain('br_2', 'ticket', null)).toBeNull();
});

test('the ticket leaves the address', () => {
  const seen: unknown[] = [];
  const page = (hash: string) =>
    takeTicket({
      location: { hash, pathname: '/mine/br_1', search: '?a=1' },
      history: { state: null, replaceState: (...given: unknown[]) => seen.push(given) },
    } as unknown as Window);
  expect(page('#ticket=tk_1.AAAA-_')).toBe('tk_1.AAAA-_');
  expect(seen).toEqual([[null, '', '/mine/br_1?a=1']]);
  expect([page(''), page('#chat'), page('#ticket=<script>')]).toEqual([null, null, null]);
  expect(seen).toHaveLength(1);
});

test('each refusal has its own words; what says nothing of the person may be tried again', () => {
  const kind = (code: string, retryAfterMs?: number) =>
    problemOf(new ApiError(code, '', 403, undefined, retryAfterMs), 1000);
  expect(kind('wrong-password')).toEqual({ kind: 'wrong-password' });
  expect(kind('ticket-taken')).toEqual({ kind: 'ticket-taken' });
  expect(kind('not-found')).toEqual({ kind: 'gone' });
  expect(kind('rate-limited', 240_000)).toEqual({ kind: 'locked-out', untilMs: 241_000 });
  expect(kind('database-unavailable').kind).toBe('trouble');
  expect(problemOf(new TypeError('offline'), 0).kind).toBe('trouble');
});
