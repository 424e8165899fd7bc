import { gzipSync } from 'node:zlib';
import type { Page, Response } from '@playwright/test';
import { filesForPages } from '../../player/build.mjs';
import { expect, expectMovingPicture, type Stage, test } from './stage.ts';

/** Bytes after gzip -9: the page without its engine, the engine, the embed page in all (performance.md, section 8). */
const BUDGET = { watch: 200_000, engine: 150_000, embed: 200_000 };

const weight = (body: Buffer | string) => gzipSync(body, { level: 9 }).length;

/** Every script that the page asked for before its first picture, by name. */
async function scriptsOf(page: Page, url: string): Promise<Map<string, number>> {
  const seen: Response[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') seen.push(response);
  });
  await page.addInitScript(() => {
    const look = () => {
      const video = document.querySelector('video');
      if (!video) return void requestAnimationFrame(look);
      video.requestVideoFrameCallback((now) => Object.assign(window, { firstPictureMs: now }));
    };
    look();
  });
  await page.goto(url);
  await expectMovingPicture(page);
  const before = await page.evaluate(() => {
    const { firstPictureMs } = window as unknown as { firstPictureMs: number };
    const asked = performance.getEntriesByType('resource').filter(({ startTime }) => startTime < firstPictureMs);
    return asked.map(({ name }) => name);
  });
  const sizes = new Map<string, number>();
  for (const response of seen.filter((each) => before.includes(each.url()))) {
    sizes.set(new URL(response.url()).pathname, weight(await response.body()));
  }
  expect(sizes.size).toBeGreaterThan(0);
  return sizes;
}

const sum = (sizes: Map<string, number>) => [...sizes.values()].reduce((total, size) => total + size, 0);

async function air(stage: Stage): Promise<{ watchUrl: string; id: string }> {
  const made = await stage.makeBroadcast('Weight');
  await stage.connectEncoder();
  await stage.start(made.id);
  return made;
}

test('the watch page and the embed page keep to their weight in script', async ({ stage, page, context }) => {
  const { watchUrl } = await air(stage);
  const engineFile = (await filesForPages()).find(({ path }) => path.endsWith('/engine.js'));
  const engine = weight(engineFile?.text ?? '');
  const watch = await scriptsOf(page, watchUrl);
  // Element and engine come in one file there.
  const withoutEngine = sum(watch) - engine;
  const embed = await scriptsOf(await context.newPage(), `${stage.install.credentials.url}/embed/${stage.handle}`);
  console.log(`script, gzip: watch page ${withoutEngine}, engine ${engine}, embed page ${sum(embed)}`);
  expect([...watch.keys()]).toContain('/player/openair-first.js');
  expect(engine).toBeGreaterThan(50_000);
  expect(engine).toBeLessThan(BUDGET.engine);
  expect(withoutEngine, JSON.stringify([...watch], null, 1)).toBeLessThan(BUDGET.watch);
  expect(sum(embed), JSON.stringify([...embed], null, 1)).toBeLessThan(BUDGET.embed);
});
