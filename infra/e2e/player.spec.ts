import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import type { OpenairEmbed } from '../../player/src/embed/remote.ts';
import { expectPlaying, type Lab, status, test, video } from './lab/lab.ts';
import { setClockADayAhead } from './wrong-clock.ts';

/** Our player in a real browser, on the real origin, without an install around it (lab/main.ts). */
const open = (page: Page, lab: Lab, query = '', kind = 'first') => page.goto(`${lab.pages}/${kind}?autoplay${query}`);

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
/** A key, with the focus in the player. */
async function press(page: Page, key: string): Promise<void> {
  if (!(await page.evaluate(() => document.activeElement?.matches('openair-player')))) {
    await page.locator('openair-player').focus();
  }
  await page.keyboard.press(key);
}
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('a live show plays near its edge, with menus, statistics and help by mouse and by key', async ({ lab, page }) => {
  await lab.live();
  await open(page, lab, '&title=Show');
  await expectPlaying(page);
  // The test picture begins with a red bar: what lies over the video would be black.
  await test.step('the picture is what is seen', async () => {
    const red = async () => {
      const { x, y, height } = (await page.locator('openair-player').boundingBox()) ?? { x: 0, y: 0, height: 0 };
      const shot = await page.screenshot({ clip: { x: x + 20, y: y + height * 0.6, width: 4, height: 4 } });
      return page.evaluate(async (base64) => {
        const image = new Image();
        image.src = `data:image/png;base64,${base64}`;
        await image.decode();
        const pen = Object.assign(document.createElement('canvas'), { width: 4, height: 4 }).getContext('2d');
        pen?.drawImage(image, 0, 0);
        return [...(pen?.getImageData(2, 2, 1, 1).data ?? [])];
      }, shot.toString('base64'));
    };
    await expect.poll(async () => (await red())[0], { timeout: 10_000 }).toBeGreaterThan(150);
  });

  await test.step('a click on the picture pauses, another one plays on', async () => {
    const { width, height } = (await page.locator('openair-player').boundingBox()) ?? { width: 0, height: 0 };
    const position = { x: width * 0.6, y: height * 0.4 };
    await page.locator('openair-player').click({ position });
    await expect.poll(async () => (await status(page))?.phase).toBe('paused');
    await page.locator('openair-player').click({ position });
    await expect.poll(async () => (await status(page))?.phase).toBe('playing');
    await press(page, 'End');
    await expect.poll(async () => (await status(page))?.following).toBe(true);
  });

  await test.step('quality', async () => {
    await button(page, 'Settings').click();
    const quality = page.getByLabel('Quality');
    await expect(quality.locator('option')).toHaveText([/^Automatic/, '360p', '180p']);
    await quality.selectOption({ label: '180p' });
    await expect.poll(() => video(page, 'videoHeight'), { timeout: 20_000 }).toBe(180);
    await quality.selectOption('auto');
    await expectAccessible(page);
  });
  await test.step('saving data keeps automatic quality low', async () => {
    await page.getByLabel('Save data').check();
    await expect.poll(async () => (await status(page))?.saver).toBe(true);
  });
  await test.step('sound only fetches no picture, and comes back', async () => {
    await page.getByLabel('Sound only').check();
    await expect
      .poll(async () => [await video(page, 'videoWidth'), (await status(page))?.phase])
      .toEqual([0, 'playing']);
    await expect(page.locator('.note')).toHaveText('Sound only');
    await page.getByLabel('Sound only').uncheck();
    await expect.poll(() => video(page, 'videoWidth'), { timeout: 20_000 }).toBeGreaterThan(0);
    await expectPlaying(page);
  });
  await test.step('Escape closes the menu and gives the focus back', async () => {
    await press(page, 'Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(button(page, 'Settings')).toBeFocused();
  });
  await test.step('statistics', async () => {
    await press(page, 'd');
    const figure = async (name: string) =>
      Number.parseFloat((await page.locator(`[data-stat=${name}]`).textContent()) ?? '');
    await expect.poll(async () => ((seconds) => seconds > 0.1 && seconds < 4)(await figure('statLatency'))).toBe(true);
    await expect(page.locator('[data-stat=statCodecs]')).toContainText('avc1');
    await press(page, 'd');
    await expect(page.getByRole('dialog')).toBeHidden();
  });
  await test.step('help', async () => {
    await press(page, '?');
    await expect(page.getByRole('dialog', { name: 'Keyboard' })).toContainText('Picture in picture');
    await expectAccessible(page);
    await press(page, 'Escape');
  });
});

test('the latency controller comes near and stays there without a stall', async ({ lab, page }) => {
  await lab.live();
  await open(page, lab);
  await expectPlaying(page);
  await press(page, 'd');
  const margin = async () => {
    const [is = Number.NaN, meant = Number.NaN] = ((await page.locator('[data-stat=statMargin]').textContent()) ?? '')
      .split('/')
      .map(Number.parseFloat);
    return Math.abs(is - meant);
  };
  await expect.poll(margin, { timeout: 40_000 }).toBeLessThan(0.12);
  const rates = await page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const seen: number[] = [];
        const timer = setInterval(() => {
          seen.push(document.querySelector('video')?.playbackRate ?? 0);
          if (seen.length < 40) return;
          clearInterval(timer);
          resolve(seen);
        }, 100);
      }),
  );
  for (const rate of rates) expect(rate >= 0.95 && rate <= 1.08, String(rate)).toBe(true);
  await expect.poll(async () => (await status(page))?.behindS ?? 99).toBeLessThan(2);
});

test('before, during and after: countdown, start by itself, host away, end, replay', async ({ lab, page }) => {
  await lab.show({ startsAt: new Date(Date.now() + 3_600_000).toISOString() });
  await open(page, lab);
  await expect(page.locator('.clock')).toHaveText(/^(1:00:00|59:\d\d)$/);
  const before = await page.locator('.clock').textContent();
  await expect.poll(() => page.locator('.clock').textContent()).not.toBe(before);
  await expectAccessible(page);
  await lab.live();
  await expectPlaying(page);
  await expect(page.locator('.clock')).toBeHidden();
  await lab.show({ state: 'interrupted' });
  await expect(page.getByText(/host is reconnecting/i)).toBeVisible();
  await lab.show({ state: 'live' });
  await expect(page.getByText(/host is reconnecting/i)).toBeHidden();
  await lab.end();
  await expect(page.getByText('The broadcast has ended.')).toBeVisible({ timeout: 40_000 });
  await expectAccessible(page);
  await button(page, 'Watch from the start').click();
  await expectPlaying(page);
  expect((await status(page))?.live).toBe(false);
});

test('a viewer whose clock is wrong by a day sees the same countdown and the same show', async ({ lab, page }) => {
  await setClockADayAhead(page);
  await lab.show({ startsAt: new Date(Date.now() + 3_600_000).toISOString() });
  await open(page, lab);
  await expect(page.locator('.clock')).toHaveText(/^(1:00:00|59:\d\d)$/);
  await lab.live();
  await expectPlaying(page);
  await expect.poll(async () => (await status(page))?.behindS ?? 99, { timeout: 20_000 }).toBeLessThan(3);
});

test('back in the show and to its edge again, by bar, key and badge', async ({ lab, page }) => {
  await lab.live(60);
  await open(page, lab);
  await expectPlaying(page);
  await expect(page.getByLabel('Position')).toBeVisible();
  await press(page, 'Home');
  await expect.poll(async () => (await status(page))?.following).toBe(false);
  await expectPlaying(page);
  expect(await video(page, 'currentTime')).toBeLessThan(30);
  expect(await video(page, 'playbackRate')).toBe(1);
  await button(page, 'Jump to live').click();
  await expect.poll(async () => (await status(page))?.behindS ?? 99, { timeout: 20_000 }).toBeLessThan(4);
  expect((await status(page))?.following).toBe(true);
  await button(page, 'Go back to the start').click();
  await expect.poll(() => video(page, 'currentTime')).toBeLessThan(30);
  await press(page, 'End');
  await expect.poll(async () => (await status(page))?.following).toBe(true);
  await expectPlaying(page);
});

test('a recording has speed, previews and captions in the viewer’s style', async ({ lab, page }) => {
  await open(page, lab, '&src=recording', 'element');
  await expectPlaying(page);
  await press(page, '>');
  await expect.poll(() => video(page, 'playbackRate')).toBe(1.25);
  await press(page, '<');
  await expect.poll(() => video(page, 'playbackRate')).toBe(1);

  await test.step('captions beside the recording and inside it', async () => {
    await press(page, 's');
    const captions = page
      .locator('label.setting')
      .filter({ hasText: /^Captions/ })
      .locator('select');
    await captions.selectOption({ label: 'Deutsch' });
    const cue = page.locator('.cue');
    await expect(cue).toHaveText(/^Deutsch \d+$/);
    await captions.selectOption({ label: 'English' });
    await expect(cue).toHaveText(/^English \d+$/);
    const shown = Number((await cue.textContent())?.split(' ')[1]);
    expect(Math.abs(shown - (await video(page, 'currentTime')))).toBeLessThan(2);
    await page.getByText('Caption style').click();
    const size = () => cue.evaluate((each) => Number.parseFloat(getComputedStyle(each).fontSize));
    const usual = await size();
    await page.getByLabel('Size').selectOption('200');
    await expect.poll(size).toBeCloseTo(2 * usual, 0);
    await page.getByLabel('Colour').selectOption('yellow');
    expect(await cue.evaluate((each) => getComputedStyle(each).color)).toBe('rgb(255, 233, 74)');
    await expectAccessible(page);
    await press(page, 'Escape');
    await press(page, 'c');
    await expect(cue).toBeHidden();
    await page.reload();
    await expectPlaying(page);
    await press(page, 'c');
    await expect.poll(size).toBeCloseTo(2 * usual, 0);
  });
  await test.step('previews', async () => {
    const bar = await page.getByLabel('Position').boundingBox();
    if (!bar) throw new Error('there is no position bar');
    await page.mouse.move(bar.x + bar.width * 0.7, bar.y + bar.height / 2);
    const picture = page.locator('.preview-picture');
    await expect(picture).toBeVisible();
    await expect(page.locator('.preview-time')).toHaveText(/^0:2[78]$/);
    const style = await picture.evaluate((each) => [each.style.backgroundImage, each.style.backgroundPosition]);
    expect(style).toEqual([expect.stringContaining('/recording/storyboard-0.jpg'), '0px -90px']);
  });
  await test.step('the system knows what plays', async () => {
    expect(await page.evaluate(() => navigator.mediaSession.metadata?.title)).toBe('A recording');
  });
  await test.step('the end, and once more', async () => {
    await press(page, '9');
    await page.evaluate(() => document.querySelector('video')?.play());
    await expect(page.getByText('The broadcast has ended.')).toBeVisible({ timeout: 20_000 });
    await button(page, 'Watch from the start').click();
    await expectPlaying(page);
  });
});

test('starts muted with a clear way to sound', async ({ lab, page }) => {
  await lab.live();
  await open(page, lab);
  await expectPlaying(page);
  expect(await video(page, 'muted')).toBe(true);
  await button(page, 'Tap to unmute').click();
  expect(await video(page, 'muted')).toBe(false);
  await expect(button(page, 'Tap to unmute')).toBeHidden();
});

test('a player that may not start with sound starts without, and offers it', async ({ lab, page }) => {
  // The rule of browsers for people, which the flags of a test browser lift and its every look into the page would count for.
  await page.addInitScript(() => {
    let pressed = false;
    const press = () => {
      pressed = true;
    };
    addEventListener('pointerdown', press, { capture: true });
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {
      if (this.muted || pressed) return play.call(this);
      return Promise.reject(new DOMException('a gesture is needed', 'NotAllowedError'));
    };
  });
  await lab.live();
  await open(page, lab, '&loud');
  await expectPlaying(page);
  expect(await video(page, 'muted')).toBe(true);
  await button(page, 'Tap to unmute').click();
  await expect.poll(() => video(page, 'muted')).toBe(false);
  await expectPlaying(page);
});

test('ten seconds without a network: says so, and goes on by itself', async ({ lab, page, context }) => {
  await lab.live();
  await open(page, lab);
  await expectPlaying(page);
  await context.setOffline(true);
  const offAt = Date.now();
  await expect.poll(async () => (await status(page))?.phase, { timeout: 30_000 }).toMatch(/stalled|reconnecting/);
  await expect.poll(() => Date.now() - offAt, { timeout: 15_000 }).toBeGreaterThan(10_000);
  await context.setOffline(false);
  await expectPlaying(page);
  await expect.poll(async () => (await status(page))?.behindS ?? 99, { timeout: 20_000 }).toBeLessThan(5);
});

test('who is back in the show stays there when the connection is lost and comes again', async ({ lab, page }) => {
  await lab.live(60);
  await open(page, lab);
  await expectPlaying(page);
  await press(page, 'Home');
  await expect.poll(async () => (await status(page))?.behindS ?? 0).toBeGreaterThan(30);
  await page.route('**/play/**', (route) => route.abort());
  await expect.poll(async () => (await status(page))?.phase, { timeout: 60_000 }).toBe('reconnecting');
  await page.unroute('**/play/**');
  await expectPlaying(page);
  expect((await status(page))?.following).toBe(false);
  await expect.poll(async () => (await status(page))?.behindS ?? 0).toBeGreaterThan(30);
  await test.step('and the edge is still one press away', async () => {
    await press(page, 'End');
    await expect.poll(async () => (await status(page))?.following).toBe(true);
    await expect.poll(async () => (await status(page))?.behindS ?? 99).toBeLessThan(6);
  });
});

test('every control is reached by the tabulator, in right-to-left pages too', async ({ lab, page }) => {
  await lab.live(60);
  await open(page, lab, '&dir=rtl&lang=ar');
  await expectPlaying(page);
  await expect(button(page, 'Settings')).toBeVisible();
  const place = async (name: string) => (await button(page, name).boundingBox())?.x ?? 0;
  expect(await place('Full screen')).toBeLessThan(await place('Pause'));
  await page.locator('openair-player').focus();
  const reached = new Set<string>();
  for (let i = 0; i < 16; i++) {
    await press(page, 'Tab');
    reached.add(
      await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute('aria-label') ?? ''),
    );
  }
  for (const name of ['Position', 'Pause', 'Volume', 'Settings', 'Full screen', 'Go back to the start']) {
    expect([...reached]).toContain(name);
  }
});

test('a page of another origin drives the framed player, and only the page around it', async ({ lab, page }) => {
  await lab.live(60);
  await page.goto(`${lab.foreign}/outside?inside=${encodeURIComponent(lab.pages)}`);
  await page.evaluate(async () => {
    const { OpenairEmbed } = window as unknown as { OpenairEmbed: new (frame: Element | null) => OpenairEmbed };
    const player = new OpenairEmbed(document.querySelector('iframe'));
    const seen: string[] = [];
    player.onStatus(({ phase }) => seen.push(phase));
    Object.assign(window, { player, seen });
    await player.ready;
  });
  const run = <T>(code: string) => page.evaluate<T>(`(async () => { const p = window.player; ${code} })()`);
  const phase = () => run<string>('return p.status && p.status.phase;');
  await expect.poll(phase, { timeout: 30_000 }).toBe('playing');
  await run('await p.pause();');
  await expect.poll(phase).toBe('paused');
  await run('const { startS } = await p.getPosition(); await p.seek(startS + 5); await p.play();');
  await expect.poll(phase).toBe('playing');
  await expect.poll(() => run('return p.status.following;')).toBe(false);
  await run('await p.goLive();');
  await expect.poll(() => run('return p.status.following;')).toBe(true);
  await run('await p.setVolume(0.4); await p.setMuted(false);');
  await expect.poll(() => run('return [p.status.volume, p.status.muted];')).toEqual([0.4, false]);
  await expect.poll(() => run<number>('return p.status.qualities.length;')).toBe(2);
  await run('await p.setQuality(p.status.qualities[0].id);');
  await expect.poll(() => run('return p.status.quality !== "auto";')).toBe(true);
  const failure = (code: string) => run<string>(`try { ${code} } catch (error) { return error.name; }`);
  expect(await failure('await p.seek("tomorrow");')).toBe('bad-argument');
  expect(await failure('await p.setQuality("8K");')).toBe('bad-argument');
  expect(await failure('await p.call("constructor");')).toBe('unknown-command');

  // Another window than the parent is not heard: the frame's own page posts to itself.
  const inside = page.frames().find((frame) => frame.url().includes('/frame'));
  await inside?.evaluate(() => window.postMessage({ openair: 1, id: 9, do: 'pause', args: [] }, '*'));
  await run('await p.call("getStatus");');
  expect(await phase()).toBe('playing');
  expect(await failure('p.close(); await p.play();')).toBe('closed');
});

test('the React component plays, tells its status and hands out the element', async ({ lab, page }) => {
  await lab.live();
  await page.goto(`${lab.pages}/react`);
  await expectPlaying(page);
  expect(await page.evaluate('window.seen.phase')).toBe('playing');
  await button(page, 'Pause from outside').click();
  await expect.poll(() => page.evaluate('window.seen.phase')).toBe('paused');
});
