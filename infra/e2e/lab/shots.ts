/**
 * Hand tool: pictures of every state of the player, desktop and phone, to be looked at.
 * node --import tsx infra/e2e/lab/shots.ts FOLDER
 */
import { mkdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { launchBrowser } from '../../bench/lib/browser.ts';
import { startLab } from './start-lab.ts';

const [folder = 'test-results/player'] = process.argv.slice(2);
const SIZES = { desktop: { width: 1280, height: 720 }, phone: { width: 360, height: 640 } };
mkdirSync(folder, { recursive: true });
const browser = await launchBrowser();
const lab = await startLab();
const pages: Record<string, Page> = {};
for (const [name, viewport] of Object.entries(SIZES)) pages[name] = await browser.newPage({ viewport });

async function each(state: string, act: (page: Page) => Promise<void>): Promise<void> {
  for (const [size, page] of Object.entries(pages)) {
    await act(page);
    await page.screenshot({ path: `${folder}/${state}-${size}.png` });
  }
}
const go = (page: Page, query: string, kind = 'first') => page.goto(`${lab.pages}/${kind}?autoplay&${query}`);
const phase = (page: Page, wanted: string) =>
  page.waitForFunction((name) => {
    const player = document.querySelector('openair-player');
    const status = player && 'status' in player ? (player.status as { phase: string } | null) : null;
    return status?.phase === name;
  }, wanted);
const tools = (page: Page) => page.getByRole('button', { name: /Settings|Einstellungen/ }).waitFor();

await each('waiting-undated', async (page) => {
  await go(page, 'title=Show');
  await phase(page, 'waiting');
});
await lab.show({ startsAt: new Date(Date.now() + 3_600_000).toISOString() });
await each('waiting-countdown', async (page) => {
  await go(page, 'lang=de');
  await page.locator('.clock').waitFor();
});
await lab.live(60);
await each('live', async (page) => {
  await go(page, 'title=The evening show');
  await phase(page, 'playing');
  await tools(page);
});
await each('paused', async (page) => {
  await page.locator('openair-player').focus();
  await page.keyboard.press('k');
  await phase(page, 'paused');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
});
for (const page of Object.values(pages)) await page.keyboard.press('End');
/** A panel is whole when this shows a figure, or this control. */
const PANELS = {
  s: { name: 'settings', whole: (page: Page) => page.getByLabel('Quality').waitFor() },
  d: {
    name: 'stats',
    whole: (page: Page) => page.locator('[data-stat=statMargin]', { hasText: /^\d.* \/ \d/ }).waitFor(),
  },
  '?': { name: 'help', whole: (page: Page) => page.getByText('Full screen', { exact: true }).last().waitFor() },
};
for (const [key, { name, whole }] of Object.entries(PANELS)) {
  await each(`panel-${name}`, async (page) => {
    await phase(page, 'playing');
    await page.locator('openair-player').focus();
    await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
    await whole(page);
  });
  for (const page of Object.values(pages)) await page.keyboard.press('Escape');
}
for (const lang of ['en', 'de']) {
  await each(`seats-full-${lang}`, async (page) => {
    await page.route('**/no-seats', (route) => route.fulfill({ status: 503, json: { error: { code: 'full' } } }));
    await go(page, `lang=${lang}&theatre=off&seats=/no-seats`);
    await phase(page, 'playing');
    await tools(page);
    await page.locator('openair-player').focus();
    await page.keyboard.press('s');
    await page.getByLabel(/Lowest delay|Geringste Verz/).check();
    await page.getByText(/Every seat is taken|Alle Plätze sind belegt/).waitFor();
  });
}
await each('reconnecting', async (page) => {
  await go(page, '');
  await phase(page, 'playing');
  await page.route('**/play/**', (route) => route.abort());
  await phase(page, 'reconnecting');
});
await each('reconnected', async (page) => {
  await page.unroute('**/play/**');
  await phase(page, 'playing');
  await tools(page);
});
await each('dvr', async (page) => {
  await page.locator('openair-player').focus();
  await page.keyboard.press('Home');
  await phase(page, 'playing');
});
await each('rtl', async (page) => {
  await go(page, 'dir=rtl&lang=ar');
  await phase(page, 'playing');
  await tools(page);
});
await lab.show({ state: 'interrupted' });
await each('host-away', async (page) => {
  await go(page, '');
  await page.getByText(/host is reconnecting/).waitFor();
});
await lab.end();
await each('ended', async (page) => {
  await page.getByText('The broadcast has ended.').waitFor({ timeout: 60_000 });
});
await each('recording', async (page) => {
  await go(page, 'src=recording', 'element');
  await phase(page, 'playing');
  await tools(page);
  await page.locator('openair-player').focus();
  await page.keyboard.press('c');
  await page.locator('.cue').waitFor();
  const bar = await page.getByLabel('Position').boundingBox();
  if (bar) await page.mouse.move(bar.x + bar.width * 0.4, bar.y + bar.height / 2);
  await page.locator('.preview-picture').waitFor();
});
await lab.show({ visibility: 'ticket' });
await each('forbidden', async (page) => {
  await go(page, 'title=For+ticket+holders');
  await phase(page, 'failed');
});
await browser.close();
await lab.close();
