import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { status } from './lab/lab.ts';
import { expect, expectMovingPicture, type Stage, test } from './stage.ts';

/** Theatre mode and full screen of the watch page, by key, by mouse and on a phone. */
async function watch(stage: Stage, page: Page): Promise<void> {
  const made = await stage.makeBroadcast('Theatre');
  await stage.connectEncoder();
  await stage.start(made.id);
  await page.goto(made.watchUrl);
  await expectMovingPicture(page);
  await expect(chat(page)).toBeVisible();
}
const chat = (page: Page) => page.getByRole('region', { name: 'Chat' });
const theatre = (page: Page) => page.getByRole('button', { name: 'Theatre mode with chat' });
const press = async (page: Page, key: string) => {
  await page.locator('openair-player').focus();
  await page.keyboard.press(key);
};
const box = async (page: Page, of: string) => {
  const found = await page.locator(of).first().boundingBox();
  return found ?? { x: 0, y: 0, width: 0, height: 0 };
};
const isFull = (page: Page) => page.evaluate(() => document.fullscreenElement !== null);
const playerWidth = async (page: Page) => (await box(page, 'openair-player')).width;

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

test('theatre mode makes the picture larger and keeps the chat beside it; full screen takes the chat along', async ({
  stage,
  page,
}) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await watch(stage, page);
  const plain = await playerWidth(page);

  await test.step('by key', async () => {
    await press(page, 't');
    await expect(theatre(page)).toHaveAttribute('aria-pressed', 'true');
    await expect.poll(() => playerWidth(page)).toBeGreaterThan(plain);
    const [player, beside] = [await box(page, 'openair-player'), await box(page, 'section[aria-label="Chat"]')];
    // Side by side from the header to the bottom of the window, nothing beside them.
    expect(Math.abs(player.x)).toBeLessThan(2);
    expect(Math.abs(player.x + player.width - beside.x)).toBeLessThan(2);
    expect(Math.abs(player.height - beside.height)).toBeLessThan(2);
    await expect.poll(async () => Math.round((await box(page, 'openair-player')).y)).toBe(56);
    // The picture is in the middle of its box, whatever the page's own style says of videos.
    expect((await box(page, 'openair-player video')).height).toBe(player.height);
    await expectAccessible(page);
  });

  await test.step('the keyboard goes from the player to the chat in the order of the eye', async () => {
    await page.locator('openair-player').getByRole('button', { name: 'Full screen', exact: true }).focus();
    const seen: string[] = [];
    for (let i = 0; i < 25 && !seen.includes('chat'); i++) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(() => {
          const at = document.activeElement;
          if (at?.closest('section[aria-label="Chat"]')) return 'chat';
          return at?.closest('openair-player') ? 'player' : 'page';
        }),
      );
    }
    expect(seen.at(-1)).toBe('chat');
    expect(seen.lastIndexOf('player')).toBeLessThan(seen.indexOf('page') === -1 ? 25 : seen.indexOf('page'));
  });

  await test.step('full screen with the chat, and without it', async () => {
    await press(page, 'f');
    await expect.poll(() => isFull(page)).toBe(true);
    await expect(chat(page)).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Theatre', exact: true })).toBeHidden();
    await expectAccessible(page);
    await press(page, 't');
    await expect(chat(page)).toBeHidden();
    await expect.poll(() => playerWidth(page)).toBe(1280);
    await press(page, 't');
    await expect(chat(page)).toBeVisible();
    await test.step('a window of the chat opens where it can be seen', async () => {
      await page.getByRole('button', { name: /Change name|change your name/i }).click();
      await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
      await page.keyboard.press('Escape');
    });
    if (!(await isFull(page))) await press(page, 'f');
    await press(page, 'f');
    await expect.poll(() => isFull(page)).toBe(false);
    await expect(theatre(page)).toHaveAttribute('aria-pressed', 'true');
  });

  await test.step('and back, by mouse', async () => {
    await page.locator('openair-player').hover();
    await theatre(page).click();
    await expect.poll(() => playerWidth(page)).toBe(plain);
    await press(page, '?');
    await expect(page.getByRole('dialog', { name: 'Keyboard' })).toContainText('Theatre mode');
    expect((await status(page))?.phase).toBe('playing');
  });
});

test('on a phone on its side, full screen shows the picture, and the chat beside it when asked for', async ({
  stage,
  page,
}) => {
  await page.setViewportSize({ width: 740, height: 360 });
  await watch(stage, page);
  // There is no room for it outside full screen.
  await expect(theatre(page)).toBeHidden();
  await press(page, 't');
  await press(page, 'f');
  await expect.poll(() => isFull(page)).toBe(true);
  await expect(chat(page)).toBeHidden();
  await page.locator('openair-player').hover();
  await theatre(page).click();
  await expect(chat(page)).toBeVisible();
  const beside = await box(page, 'section[aria-label="Chat"]');
  const player = await box(page, 'openair-player');
  expect(beside.x).toBeGreaterThanOrEqual(player.x + player.width - 1);
  expect(player.height).toBe(360);
  await expectAccessible(page);

  await test.step('upright, the chat is under the picture', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const [upper, lower] = [await box(page, 'openair-player'), await box(page, 'section[aria-label="Chat"]')];
    expect(lower.y).toBeGreaterThanOrEqual(upper.y + upper.height - 1);
    expect(Math.round(lower.y + lower.height)).toBe(740);
  });
});
