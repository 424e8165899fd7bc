import type { Page } from '@playwright/test';
import type { Shot } from './looks.ts';
import { LAST_WORD } from './talk.ts';

/** Pages of an install on which nothing is live. @param handle a channel of the person who is signed in */
export function quietPages(handle: string, channel = 'Night Market'): Shot[] {
  return [
    { name: 'home', path: '/', stranger: true, ready: seeText(/live now/i) },
    { name: 'sign-in', path: '/sign-in', stranger: true, ready: (page) => page.getByLabel(/e-?mail/i).waitFor() },
    { name: 'first-run', path: '/first-run', stranger: true, ready: seeText(/one-time link/i) },
    { name: 'not-found', path: '/nobody-has-this-name', stranger: true, ready: seeHeading },
    { name: 'admin-health', path: '/admin', ready: seeText(/everything works|needs? attention/i) },
    { name: 'studio-home', path: '/studio', ready: seeText(channel) },
    { name: 'me-menu', path: '/', ready: openMenu },
    { name: 'embed-off-air', path: `/embed/${handle}`, stranger: true, ready: seeText(/is not live/i) },
    { name: 'embed-chat', path: `/embed/${handle}?show=chat`, stranger: true, ready: seeText(/no messages yet/i) },
    { name: 'channel-off-air', path: `/${handle}`, stranger: true, ready: seeText(/is not live/i) },
    { name: 'studio-off-air', path: `/studio/${handle}`, ready: seeText(/nothing is on air/i) },
  ];
}

/** Pages of a show that is on air, made by an encoder. */
export function livePages(handle: string, watch: string): Shot[] {
  const talking = async (page: Page) => {
    await seePicture(page);
    await page.getByText(LAST_WORD).waitFor({ state: 'attached' });
  };
  return [
    { name: 'home-live', path: '/', stranger: true, ready: seeText('Noodles at midnight') },
    { name: 'watch-live', path: watch, stranger: true, ready: talking },
    { name: 'embed-live', path: `/embed/${handle}`, stranger: true, ready: seePicture },
    { name: 'embed-both-live', path: `/embed/${handle}?show=both`, stranger: true, ready: seePicture },
    { name: 'studio-embed-dialog', path: `/studio/${handle}`, ready: openDialog('Embed', 'dialog') },
    { name: 'studio-end-dialog', path: `/studio/${handle}`, ready: openDialog('End broadcast', 'alertdialog') },
    {
      name: 'studio-live',
      path: `/studio/${handle}`,
      ready: async (page) => {
        await seeEncoder(page);
        await seePicture(page);
        await page.evaluate(() => window.scrollTo(0, 0));
      },
    },
  ];
}

function openDialog(button: string, role: 'dialog' | 'alertdialog'): Shot['ready'] {
  return async (page) => {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole(role).waitFor();
  };
}

async function openMenu(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Menu of/ }).click();
  await page.getByRole('menu').waitFor();
}

export function seeText(text: string | RegExp): Shot['ready'] {
  return (page) => page.getByText(text).filter({ visible: true }).first().waitFor();
}

function seeHeading(page: Page): Promise<void> {
  return page.getByRole('main').getByRole('heading').first().waitFor();
}

export async function seeEncoder(page: Page): Promise<void> {
  await page.getByRole('tab', { name: /OBS or encoder/ }).click();
  const receiving = page.getByText('Receiving your encoder');
  await receiving.waitFor();
  await receiving.scrollIntoViewIfNeeded();
}

/** A picture is on screen and goes on: half a second of it was played. */
export async function seePicture(page: Page): Promise<void> {
  await page.locator('video').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].some((video) => video.getVideoPlaybackQuality().totalVideoFrames > 15),
  );
}
