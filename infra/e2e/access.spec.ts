import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, FrameLocator, Page } from '@playwright/test';
import { expect, expectMovingPicture, type Stage, test } from './stage.ts';

/** Shows that ask before they are watched, from the studio to strangers' browsers. */

async function studio(stage: Stage, page: Page): Promise<void> {
  await stage.signIn(page);
  await page.goto(`${stage.install.credentials.url}/studio/${stage.handle}`);
  await page.getByRole('textbox', { name: 'Title' }).fill('The inner circle');
}
async function choose(page: Page, option: RegExp): Promise<void> {
  await page.getByRole('combobox', { name: 'Who may watch', exact: true }).click();
  await page.getByRole('option', { name: option }).click();
}
/** Saves the form. @returns the show's own address and id */
async function saved(page: Page): Promise<{ url: string; id: string }> {
  await page.getByRole('button', { name: 'Save, and get the link' }).click();
  const url = await page.getByRole('textbox', { name: 'Address of the show' }).inputValue();
  return { url, id: url.split('/').at(-1) ?? '' };
}
const stranger = async (browser: Browser) => (await browser.newContext()).newPage();
/** @param part a frame and what is in it, where the page around it is somebody else's */
async function expectAccessible(page: Page, part?: [string, string]): Promise<void> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (part ? builder.include(part) : builder).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
}

/** A page of somebody else that has the frame on it. */
async function serveForeignPage(frame: string): Promise<{ url: string; close(): void }> {
  const server = createServer((_, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><html lang="en"><title>Elsewhere</title><h1>Elsewhere</h1>
        <iframe src="${frame}" title="Show" width="900" height="500" allow="autoplay; fullscreen"></iframe>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}
async function expectPictureIn(frame: FrameLocator): Promise<void> {
  const frames = () =>
    frame
      .locator('video')
      .first()
      .evaluate((each: HTMLVideoElement) => each.getVideoPlaybackQuality().totalVideoFrames);
  await expect.poll(frames, { timeout: 40_000 }).toBeGreaterThan(30);
}

test('a password is asked for on the page and in a frame; its change sends everyone back to the question', async ({
  stage,
  page,
  browser,
}) => {
  await studio(stage, page);
  await choose(page, /^Everyone with a password/);
  await page.getByRole('button', { name: 'Save, and get the link' }).click();
  await expect(page.getByText('Choose a password that viewers are asked for.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill('lantern');
  const show = await saved(page);
  await stage.connectEncoder();
  await stage.start(show.id);

  const viewer = await stranger(browser);
  await viewer.goto(show.url);
  await expect(viewer.getByRole('heading', { name: 'This broadcast asks for a password' })).toBeVisible();
  expect(await viewer.content()).not.toContain('The inner circle');
  await expectAccessible(viewer);
  const field = viewer.getByLabel('Password');
  await field.fill('Lantern');
  await field.press('Enter');
  await expect(viewer.getByText('This password is not right.')).toBeVisible();
  await expectAccessible(viewer);
  await field.fill('lantern');
  await viewer.getByRole('button', { name: 'Watch', exact: true }).click();
  await expect(viewer.getByRole('heading', { name: 'The inner circle' })).toBeVisible();
  await expectMovingPicture(viewer);
  await viewer.getByRole('textbox', { name: 'Write a message' }).fill('Only for us');
  await viewer.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText('Only for us')).toBeVisible();
  const passer = await stranger(browser);
  await passer.goto(`${stage.install.credentials.url}/${stage.handle}`);
  await expect(passer.getByText('No messages yet. Say hello.')).toBeVisible();
  expect(await passer.content()).not.toContain('The inner circle');
  await viewer.reload();
  await expectMovingPicture(viewer);

  const foreign = await serveForeignPage(
    `${stage.install.credentials.url.replace('127.0.0.1', 'localhost')}/embed/${stage.handle}?b=${show.id}&show=both`,
  );
  const outside = await stranger(browser);
  await outside.goto(foreign.url);
  const frame = outside.frameLocator('iframe');
  await frame.getByLabel('Password').fill('lantern');
  await frame.getByRole('button', { name: 'Watch', exact: true }).click();
  await expectPictureIn(frame);
  await frame.getByLabel('Your name in the chat').fill('Guest from elsewhere');
  await frame.getByRole('button', { name: 'Join' }).click();
  await frame.getByRole('textbox', { name: 'Write a message' }).fill('Hello from elsewhere');
  await frame.getByRole('textbox', { name: 'Write a message' }).press('Enter');
  await expect(page.getByRole('log').getByText('Hello from elsewhere')).toBeVisible();
  await expect(page.getByRole('log').getByText('Guest from elsewhere')).toBeVisible();
  await expectAccessible(outside, ['iframe', '#main']);

  await page.getByRole('textbox', { name: 'New password' }).fill('noodles');
  await page.getByRole('button', { name: 'Change password' }).click();
  for (const place of [viewer, frame]) {
    await expect(place.getByText('The host has changed the password.')).toBeVisible({ timeout: 30_000 });
  }
  await viewer.getByLabel('Password').fill('noodles');
  await viewer.keyboard.press('Enter');
  await expectMovingPicture(viewer);
  foreign.close();
  await stage.end(show.id);
});

test('a ticket is the first browser’s; a second one is told so, and taken back it is gone everywhere', async ({
  stage,
  page,
  browser,
}) => {
  await studio(stage, page);
  await choose(page, /^Everyone with a ticket/);
  const show = await saved(page);
  await page.getByRole('textbox', { name: 'For whom' }).fill('Ann');
  await page.getByRole('button', { name: 'Make tickets' }).click();
  await expect(page.getByRole('list', { name: 'Tickets' }).getByText('Not opened')).toBeVisible();
  await expectAccessible(page);
  const answer = await fetch(`${stage.install.credentials.url}/api/v1/broadcasts/${show.id}/tickets`, {
    headers: { authorization: `Bearer ${stage.install.credentials.apiKey}` },
  });
  const link: string = (await answer.json()).items[0].link;
  await stage.connectEncoder();
  await stage.start(show.id);

  const [ann, bob] = [await stranger(browser), await stranger(browser)];
  await ann.goto(link);
  await expectMovingPicture(ann);
  expect(ann.url()).toBe(show.url);
  await expect(page.getByRole('list', { name: 'Tickets' }).getByText('In use')).toBeVisible();
  await bob.goto(link);
  await expect(bob.getByText('Another browser opened this ticket first')).toBeVisible();
  await expectAccessible(bob);
  await bob.getByLabel('Ticket link').fill('https://elsewhere.example/#ticket=none');
  await bob.keyboard.press('Enter');
  await expect(bob.getByText('This is no ticket for this broadcast.')).toBeVisible();
  await ann.reload();
  await expectMovingPicture(ann);

  await page.getByRole('button', { name: 'Take back: Ann' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Take it back' }).click();
  await expect(page.getByRole('list', { name: 'Tickets' }).getByText('Taken back')).toBeVisible();
  await expect(ann.getByText('The host has taken this ticket back.')).toBeVisible({ timeout: 30_000 });
  await expectAccessible(ann);
  await stage.end(show.id);
});

test('a host chooses what a frame shows and whose pages may show it', async ({ stage, page }) => {
  await studio(stage, page);
  await page.getByRole('button', { name: 'Embed' }).click();
  const dialog = page.getByRole('dialog');
  const pick = async (field: string, option: string) => {
    await dialog.getByRole('combobox', { name: field }).click();
    await page.getByRole('option', { name: option }).click();
  };
  await pick('Shows', 'Player and chat');
  await expect(dialog.getByRole('textbox', { name: 'Code' })).toHaveValue(/\/embed\/[^"]*\?show=both"/);
  await expect(dialog.frameLocator('iframe').getByRole('heading', { name: 'Chat' })).toBeVisible();
  await pick('Whose pages may show it', 'Only these sites');
  await dialog.getByRole('textbox', { name: 'Sites' }).fill('example.org\nhttps://shop.example/cart');
  await dialog.getByRole('button', { name: 'Save sites' }).click();
  await expect(dialog.getByText('“shop.example/cart” is no site.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Sites' }).fill('example.org\nhttps://shop.example/');
  await dialog.getByRole('button', { name: 'Save sites' }).click();
  await expect(dialog.getByText('Saved.')).toBeVisible();
  await expectAccessible(page);
  const frame = await page.request.get(`${stage.install.credentials.url}/embed/${stage.handle}?show=both`);
  expect(frame.headers()['content-security-policy']).toContain("frame-ancestors 'self' example.org shop.example");

  const foreign = await serveForeignPage(`${stage.install.credentials.url}/embed/${stage.handle}?show=chat`);
  const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await page.goto(foreign.url);
  await refused;
  foreign.close();
});
