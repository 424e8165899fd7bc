import type { Page } from '@playwright/test';
import type { PlayerStatus } from '../../player/src/core/phase.ts';
import { api, eventually } from '../bench/lib/install.ts';
import { hit, partOf, whenBack } from '../faults/processes.ts';
import { test as labTest, status, video } from './lab/lab.ts';
import { expect, expectMovingPicture, test } from './stage.ts';
import { setClockADayAhead } from './wrong-clock.ts';

/** A viewer through what goes wrong around them: what they see, what they read, how it comes back. */

/** One thing that the person saw, seconds on the page's own steady clock. */
type Seen = { atS: number; phase: string; words: string };

/** Notes each state of the player that looks different, from the first script on; the clock of the machine may be wrong. */
async function noteWhatIsSeen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: { atS: number; phase: string; words: string }[] = [];
    Object.assign(window, { seen });
    addEventListener(
      'openair-status',
      (event) => {
        const { phase, problem, hostAway } = (event as CustomEvent<PlayerStatus>).detail;
        const words = problem?.sentence ?? (hostAway ? 'The host is reconnecting.' : '');
        const last = seen.at(-1);
        if (last?.phase !== phase || last.words !== words) seen.push({ atS: performance.now() / 1000, phase, words });
      },
      true,
    );
  });
}
const seenBy = (page: Page) => page.evaluate(() => (window as unknown as { seen: Seen[] }).seen);

/** Carries a step out and tells afterwards, in the report and on the console, what the person saw meanwhile. */
async function through(page: Page, name: string, act: () => Promise<void>): Promise<Seen[]> {
  const before = (await seenBy(page)).length;
  await test.step(name, act);
  const seen = (await seenBy(page)).slice(before);
  const story = seen.map(({ atS, phase, words }, i) => {
    const [from, until] = [atS, seen[i + 1]?.atS];
    return `${phase}${words ? ` “${words}”` : ''}${until ? ` for ${(until - from).toFixed(1)} s` : ''}`;
  });
  const text = story.join(', then ') || 'nothing but the show';
  test.info().annotations.push({ type: name, description: text });
  console.log(`${name}: ${text}`);
  return seen;
}

/** The picture runs, near the edge. */
async function expectBack(page: Page): Promise<void> {
  await expect.poll(async () => (await status(page))?.phase, { timeout: 30_000 }).toBe('playing');
  const from = await video(page, 'currentTime');
  await expect.poll(async () => (await video(page, 'currentTime')) - from).toBeGreaterThan(1);
  await expect.poll(async () => (await status(page))?.behindS ?? 99, { timeout: 20_000 }).toBeLessThan(5);
}

test('a viewer through a killed origin, a lost network, a host who goes and comes, and being sent away', async ({
  stage,
  page,
  context,
  browser,
}) => {
  const { home } = stage.install;
  const made = await api<{ id: string; watchUrl: string }>(
    stage.install,
    'POST',
    `/channels/${stage.handle}/broadcasts`,
    { title: 'Come what may', visibility: 'password', password: 'lantern' },
  );
  const encoder = await stage.connectEncoder();
  await stage.start(made.id);

  const enter = async (viewer: Page) => {
    await viewer.goto(made.watchUrl);
    await viewer.getByLabel('Password').fill('lantern');
    await viewer.keyboard.press('Enter');
    await expectMovingPicture(viewer);
  };
  await noteWhatIsSeen(page);
  let viewerName = '';
  page.on('request', (request) => {
    viewerName = /\/play\/[^/~]+~[^.]+\.[^.]+\.([^.]+)\./.exec(request.url())?.[1] ?? viewerName;
  });
  await enter(page);

  await test.step('somebody whose clock is wrong by a day is let in and sees the same', async () => {
    const other = await (await browser.newContext()).newPage();
    await setClockADayAhead(other);
    await noteWhatIsSeen(other);
    await enter(other);
    await expectBack(other);
    expect((await seenBy(other)).filter(({ words }) => words !== '')).toEqual([]);
    await other.close();
  });

  const killed = await through(page, 'origin killed and started again', async () => {
    const origin = partOf(home, 'playback');
    hit(origin, 'SIGKILL');
    await whenBack(home, 'playback', origin);
    await expectBack(page);
  });
  expect(killed.filter(({ phase }) => phase === 'failed' || phase === 'ended')).toEqual([]);

  const offline = await through(page, 'network off for 10 s', async () => {
    const offAt = Date.now();
    await context.setOffline(true);
    await expect(page.getByText('You are offline. Playback goes on when your connection is back.')).toBeVisible();
    await expect.poll(() => Date.now() - offAt, { timeout: 15_000 }).toBeGreaterThan(10_000);
    await context.setOffline(false);
    await expectBack(page);
  });
  expect(offline.filter(({ phase }) => phase === 'failed' || phase === 'ended')).toEqual([]);

  await through(page, 'host gone and back', async () => {
    await encoder.stop();
    await expect(page.getByText(/The host is reconnecting/)).toBeVisible({ timeout: 30_000 });
    // The show goes on: the slate is what is seen.
    await expectMovingTime(page);
    await stage.connectEncoder();
    await expect(page.getByText(/The host is reconnecting/)).toBeHidden({ timeout: 30_000 });
    await expectBack(page);
  });

  await through(page, 'sent away by the host', async () => {
    expect(viewerName).not.toBe('');
    await api(stage.install, 'PUT', `/broadcasts/${made.id}/revoked/${viewerName}`);
    await expect(page.getByText('The host has sent you away from this broadcast.')).toBeVisible({ timeout: 30_000 });
    // The chat knows first; the picture follows with the origin.
    await expect(page.locator('video')).toHaveCount(0, { timeout: 30_000 });
    await expect(page.getByText('The host has sent you away from this broadcast.')).toBeVisible();
  });
  await test.step('who was sent away stays away after loading the page anew, and may be let back', async () => {
    await page.reload();
    await expect(page.locator('video')).toHaveCount(0);
    await api(stage.install, 'DELETE', `/broadcasts/${made.id}/revoked/${viewerName}`);
    await eventually('the page lets them in again', async () => {
      await page.reload();
      return page
        .locator('video')
        .waitFor({ state: 'attached', timeout: 3_000 })
        .then(
          () => true,
          () => false,
        );
    });
    await expectBack(page);
  });
  await stage.end(made.id);
});

async function expectMovingTime(page: Page): Promise<void> {
  const from = await video(page, 'currentTime');
  await expect.poll(async () => (await video(page, 'currentTime')) - from).toBeGreaterThan(1);
}

labTest('a viewer whose quality is taken away goes on with another one, and gets it back', async ({ lab, page }) => {
  await noteWhatIsSeen(page);
  await lab.live();
  await page.goto(`${lab.pages}/first?autoplay&title=Show`);
  await expectBack(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  const quality = page.getByLabel('Quality');
  const height = () => video(page, 'videoHeight');

  for (const chosen of ['chosen by hand', 'chosen by itself'] as const) {
    await quality.selectOption(chosen === 'chosen by hand' ? { label: '180p' } : 'auto');
    const lines = chosen === 'chosen by hand' ? 180 : 360;
    await expect.poll(height, { timeout: 20_000 }).toBe(lines);
    const seen = await through(page, `rung removed, ${chosen}`, async () => {
      await lab.rung(lines === 180 ? '180p' : '360p', false);
      await expect.poll(height, { timeout: 30_000 }).toBe(lines === 180 ? 360 : 180);
      await expectBack(page);
    });
    expect(seen.filter(({ phase }) => phase === 'failed' || phase === 'ended')).toEqual([]);
    await test.step('and it comes back', async () => {
      await lab.rung(lines === 180 ? '180p' : '360p', true);
      await expectBack(page);
    });
  }
});
