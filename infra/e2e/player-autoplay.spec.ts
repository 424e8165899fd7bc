import { expect } from '@playwright/test';
import { CHROMIUM_FLAGS } from '../bench/lib/browser.ts';
import { expectPlaying, test, video } from './lab/lab.ts';

/** A browser as people have it: no sound before a gesture. */
const args = CHROMIUM_FLAGS.map((flag) =>
  flag.startsWith('--autoplay-policy') ? '--autoplay-policy=document-user-activation-required' : flag,
);
test.use({ launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args } });

test('a player that may not start with sound starts without, and offers it', async ({ lab, page }) => {
  await lab.live();
  await page.goto(`${lab.pages}/first?autoplay&loud`);
  await expectPlaying(page);
  expect(await video(page, 'muted')).toBe(true);
  await page.getByRole('button', { name: 'Tap to unmute' }).click();
  await expect.poll(() => video(page, 'muted')).toBe(false);
  await expectPlaying(page);
});
