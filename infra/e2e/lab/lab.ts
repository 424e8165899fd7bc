import { test as base, expect, type Page } from '@playwright/test';
import type { PlayerStatus } from '../../../player/src/core/phase.ts';
import { type Lab, startLab } from './start-lab.ts';

export type { Lab };

/** A lab for one test, ended with it. */
export const test = base.extend<{ lab: Lab }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern
  lab: async ({}, use) => {
    const lab = await startLab();
    await use(lab);
    await lab.close();
  },
});

export const status = (page: Page) =>
  page.evaluate(() => {
    const player = document.querySelector('openair-player');
    return player && 'status' in player ? (player.status as PlayerStatus | null) : null;
  });

export const video = <Key extends keyof HTMLVideoElement>(page: Page, key: Key) =>
  page.evaluate((name) => document.querySelector('video')?.[name as 'currentTime'], key) as Promise<
    HTMLVideoElement[Key]
  >;

/** Waits until the one video of the page plays on. */
export async function expectPlaying(page: Page): Promise<void> {
  await expect.poll(async () => (await status(page))?.phase, { timeout: 30_000 }).toBe('playing');
  expect(await page.locator('openair-player video').count()).toBe(1);
  const from = await video(page, 'currentTime');
  await expect.poll(async () => (await video(page, 'currentTime')) - from).toBeGreaterThan(0.5);
}
