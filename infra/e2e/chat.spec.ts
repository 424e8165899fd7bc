import type { Page } from '@playwright/test';
import { expect, test } from './stage.ts';

const say = async (page: Page, text: string) => {
  await page.getByRole('textbox', { name: 'Write a message' }).fill(text);
  await page.keyboard.press('Enter');
};
const log = (page: Page) => page.getByRole('log', { name: 'Chat messages' });

test('two viewers chat, and a third who joins late has the history in order', async ({ stage, browser }) => {
  const broadcast = await stage.makeBroadcast('Talk');
  const open = async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(broadcast.watchUrl);
    return page;
  };
  const first = await open();
  const second = await open();
  await say(first, 'Hello from the first');
  await expect(log(second).getByText('Hello from the first')).toBeVisible();
  await say(second, 'Hello from the second');
  await expect(log(first).getByText('Hello from the second')).toBeVisible();

  const third = await open();
  await expect(log(third).getByText('Hello from the second')).toBeVisible();
  const text = (await log(third).textContent()) ?? '';
  expect(text.indexOf('Hello from the first')).toBeLessThan(text.indexOf('Hello from the second'));
  expect(text.indexOf('Hello from the first')).toBeGreaterThanOrEqual(0);
});

test('a page that was offline shows what was said meanwhile', async ({ stage, browser }) => {
  const broadcast = await stage.makeBroadcast('Gap');
  const context = await browser.newContext();
  const away = await context.newPage();
  const here = await (await browser.newContext()).newPage();
  await away.goto(broadcast.watchUrl);
  await here.goto(broadcast.watchUrl);
  await say(here, 'before');
  await expect(log(away).getByText('before')).toBeVisible();
  await context.setOffline(true);
  await say(here, 'said while away');
  await expect(log(here).getByText('said while away')).toBeVisible();
  await context.setOffline(false);
  await expect(log(away).getByText('said while away')).toBeVisible({ timeout: 40_000 });
});

test('a line written before the page came to life is kept, and sent if Enter was pressed', async ({
  stage,
  browser,
}) => {
  const broadcast = await stage.makeBroadcast('Early');
  const page = await (await browser.newContext()).newPage();
  /** Only the server's HTML is there until the answer is called: the page's own code is held back. */
  const openHeld = async () => {
    const open = new AbortController();
    const held = new Promise((resolve) => open.signal.addEventListener('abort', resolve));
    await page.route('**/_next/static/**/*.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(broadcast.watchUrl, { waitUntil: 'commit' });
    return () => open.abort();
  };
  const letFirst = await openHeld();
  await say(page, 'written early');
  letFirst();
  await expect(log(page).getByText('written early')).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });

  const letSecond = await openHeld();
  const field = page.getByRole('textbox', { name: 'Write a message' });
  await field.fill('half a line');
  letSecond();
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  await expect(field).toHaveValue('half a line');
  await field.press('Enter');
  await expect(log(page).getByText('half a line')).toBeVisible();
});
