import type { Page } from '@playwright/test';
import { api, eventually } from '../bench/lib/install.ts';
import { expect, expectMovingPicture, test } from './stage.ts';

test('a host goes live from the studio with camera and microphone, is seen, and ends the show', async ({
  stage,
  page,
  browser,
}) => {
  await stage.signIn(page);
  await page.goto(`${stage.install.credentials.url}/studio/${stage.handle}`);
  await page.getByRole('textbox', { name: 'Title' }).fill('From my desk');
  await page.getByRole('button', { name: 'Turn on camera and microphone' }).click();
  await expect(page.getByRole('combobox', { name: 'Microphone' })).toBeVisible();
  await page.getByRole('button', { name: 'Go live' }).click();
  await expect(page.getByText(/nobody is watching yet|watching/i).first()).toBeVisible({ timeout: 60_000 });

  const viewer = await (await browser.newContext()).newPage();
  await viewer.goto(`${stage.install.credentials.url}/${stage.handle}`);
  await expect(viewer.getByRole('heading', { name: 'From my desk' })).toBeVisible();
  await expectMovingPicture(viewer);

  await page.getByRole('button', { name: 'End broadcast' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'End broadcast' }).click();
  await expect(viewer.getByText(/has ended/i).first()).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText(/the show is over/i).first()).toBeVisible({ timeout: 40_000 });
});

test('the host’s own preview is no viewer, and its controls fit into it', async ({ stage, page, browser }) => {
  test.setTimeout(180_000);
  const made = await stage.makeBroadcast('Who is there');
  await stage.connectEncoder();
  await stage.start(made.id);
  const beatsOf = (each: Page) => {
    const beats: string[] = [];
    each.on('request', (request) => {
      if (request.url().endsWith('/beat')) beats.push(request.url());
    });
    return beats;
  };
  await page.setViewportSize({ width: 1280, height: 800 });
  await stage.signIn(page);
  const own = beatsOf(page);
  await page.goto(`${stage.install.credentials.url}/studio/${stage.handle}`);
  await expectMovingPicture(page);

  const viewer = await (await browser.newContext()).newPage();
  const others = beatsOf(viewer);
  await viewer.goto(made.watchUrl);
  await expectMovingPicture(viewer);
  await expect(page.getByText('1 person is watching.')).toBeVisible({ timeout: 30_000 });
  expect(others.length).toBeGreaterThan(0);
  expect(own).toEqual([]);

  const player = page.locator('openair-player');
  await player.hover();
  await expect(player.getByRole('button', { name: 'Settings', exact: true })).toBeVisible();
  const { lines, outside } = await player.evaluate((element) => {
    const badge = element.shadowRoot?.querySelector('.badge');
    const text = document.createRange();
    if (badge) text.selectNodeContents(badge);
    const box = element.getBoundingClientRect();
    const shown = [...(element.shadowRoot?.querySelectorAll('.bar button') ?? [])].map((each) =>
      each.getBoundingClientRect(),
    );
    return {
      lines: new Set([...text.getClientRects()].map(({ top }) => Math.round(top))).size,
      outside: shown.filter(({ width, left, right }) => width > 0 && (left < box.left || right > box.right)).length,
    };
  });
  expect({ lines, outside }).toEqual({ lines: 1, outside: 0 });

  await test.step('nor is the frame in which its code is tried', async () => {
    await page.getByRole('button', { name: 'Embed' }).click();
    const frames = () =>
      page
        .frameLocator('iframe[title="Preview"]')
        .locator('video')
        .evaluate((each: HTMLVideoElement) => each.getVideoPlaybackQuality().totalVideoFrames);
    await expect.poll(frames, { timeout: 30_000 }).toBeGreaterThan(30);
    expect(own).toEqual([]);
  });
});

test('a host chooses shape, quality and delay of the picture, and the show is made so', async ({ stage, page }) => {
  await stage.signIn(page);
  await page.goto(`${stage.install.credentials.url}/studio/${stage.handle}`);
  await page.getByRole('textbox', { name: 'Title' }).fill('Held upright');
  const choose = async (field: string, option: RegExp) => {
    await page.getByRole('combobox', { name: field, exact: true }).click();
    await page.getByRole('option', { name: option }).click();
  };
  await choose('Shape', /^Upright, 9:16/);
  await choose('Quality', /^Light, 480p/);
  await choose('Delay', /^Lowest/);
  await page.getByRole('button', { name: 'Turn on camera and microphone' }).click();
  await expect(page.getByRole('combobox', { name: 'Microphone' })).toBeVisible();
  await page.getByRole('button', { name: 'Go live' }).click();
  await expect(page.getByText(/nobody is watching yet|watching/i).first()).toBeVisible({ timeout: 60_000 });
  const path = `/channels/${stage.handle}/broadcasts`;
  const [made] = (await api<{ items: { id: string }[] }>(stage.install, 'GET', path)).items;
  const whole = await api<{ program: object; latency: string }>(stage.install, 'GET', `/broadcasts/${made?.id}`);
  expect(whole).toMatchObject({
    latency: 'ultra',
    program: { width: 480, height: 854, ladder: [{ id: '480p' }, { id: '360p' }] },
  });
  // What players hold cannot be changed under them.
  await expect(page.getByRole('combobox', { name: 'Shape', exact: true })).toBeDisabled();
  await expect(page.getByRole('combobox', { name: 'Shape', exact: true })).toHaveText(/Upright/);
  await stage.end(made?.id ?? '');
});

test('a wrong stream key is refused and the studio says so, the right one turns it green', async ({ stage, page }) => {
  await stage.signIn(page);
  await page.goto(`${stage.install.credentials.url}/studio/${stage.handle}`);
  await page.getByRole('tab', { name: /OBS or encoder/ }).click();
  await expect(page.getByText('Waiting for signal')).toBeVisible();
  const answer = await fetch(`${stage.install.credentials.url}/api/v1/channels/${stage.handle}/ingest`, {
    headers: { authorization: `Bearer ${stage.install.credentials.apiKey}` },
  });
  const { rtmp } = (await answer.json()) as { rtmp: { streamKey: string } };
  const wrong = await stage.connectEncoder({ key: `${rtmp.streamKey.slice(0, -4)}0000` });
  expect(await wrong.exited, 'the encoder is turned away').not.toBe(0);
  await expect(page.getByText(/wrong or replaced stream key/i).first()).toBeVisible();

  await stage.connectEncoder();
  await expect(page.getByText('Receiving your encoder')).toBeVisible({ timeout: 30_000 });
  const signal = page.getByRole('region', { name: 'Signal' });
  await expect(signal.getByText(/\d kbit\/s/)).toBeVisible();
  await expect(signal.getByText(/\d fps/)).toBeVisible();

  await page.getByRole('tab', { name: 'SRT' }).click();
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByRole('textbox', { name: 'SRT address with your key' })).toHaveValue(
    new RegExp(`^srt://.+streamid=${rtmp.streamKey}$`),
  );
});

test('what happens to a second encoder is chosen in the studio and kept', async ({ stage, page }) => {
  await stage.signIn(page);
  const open = async () => {
    await page.goto(`${stage.install.credentials.url}/studio/${stage.handle}`);
    await page.getByRole('tab', { name: /OBS or encoder/ }).click();
  };
  await open();
  const field = page.getByRole('combobox', { name: 'A second encoder with this key' });
  await expect(field).toHaveText(/Takes over/);
  await field.click();
  await page.getByRole('option', { name: /Is refused/ }).click();
  await expect(field).toHaveText(/Is refused/);
  await expect(field).toBeEnabled();
  await open();
  await expect(field).toHaveText(/Is refused/);
});

test('sign-in refuses a wrong password in words and lets the right one in', async ({ stage, page }) => {
  const { url, admin } = stage.install.credentials;
  await page.goto(`${url}/sign-in?next=/studio`);
  await page.getByLabel(/e-?mail/i).fill(admin.email);
  await page
    .getByLabel(/password/i)
    .first()
    .fill('not the password');
  await page
    .getByRole('button', { name: /sign in/i })
    .last()
    .click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await page
    .getByLabel(/password/i)
    .first()
    .fill(admin.password);
  await page
    .getByRole('button', { name: /sign in/i })
    .last()
    .click();
  await page.waitForURL(/\/studio$/);
  const channels = await eventually(
    'the channel is listed',
    async () => (await page.getByText(`${stage.handle}`).count()) > 0,
  );
  expect(channels).toBe(true);
});
