import { expect } from '@playwright/test';
import { status, test, video } from './lab/lab.ts';

/** A show that not everyone may watch, in a real browser on the real origin. */
const LIFE_S = 8;

test('the player renews its grant while it plays: nobody notices that the first one ended; who is sent away is told', async ({
  lab,
  page,
}) => {
  await lab.show({ visibility: 'members' });
  await lab.live();
  const asked: string[] = [];
  const refused: string[] = [];
  page.on('response', (answer) => {
    if (!answer.url().includes('/play/')) return;
    asked.push(answer.url());
    if (answer.status() === 403) refused.push(answer.url());
  });
  await page.goto(`${lab.pages}/first?autoplay&src=granted&life=${LIFE_S}`);
  await expect.poll(async () => (await status(page))?.phase, { timeout: 30_000 }).toBe('playing');
  const first = /~[^/]+/.exec(asked[0] ?? '')?.[0] ?? 'none';
  // The very first address bears the first grant; later ones may bear the next on a slow machine.
  const old = (asked[0] ?? '').replace(/(~[^/]+)\/.*$/, '$1/state');
  const stallsBefore = (await status(page))?.stalls;

  await expect.poll(async () => (await page.request.get(old)).status(), { timeout: 20_000 }).toBe(403);
  const from = await video(page, 'currentTime');
  await expect.poll(async () => (await video(page, 'currentTime')) - from, { timeout: 20_000 }).toBeGreaterThan(4);
  expect(asked.filter((url) => url.includes('/renew')).length).toBeGreaterThan(0);
  expect(asked.at(-1)).not.toContain(first);
  expect([refused, (await status(page))?.stalls, (await status(page))?.phase]).toEqual([[], stallsBefore, 'playing']);

  await lab.revoke();
  await expect.poll(async () => (await status(page))?.problem?.code, { timeout: 20_000 }).toBe('forbidden');
});
