import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { Install } from '../../bench/lib/install.ts';

const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 360, height: 780 }, isMobile: true, hasTouch: true },
} as const;
const THEMES = ['dark', 'light'] as const;

/** One way to look: a size, a theme, and the cookies of those who signed in. */
export type Look = { name: string; signedIn: BrowserContext; stranger: BrowserContext };
/** Where the pages are, and the folder for the pictures. */
export type Camera = { url: string; out: string };
export type Shot = {
  name: string;
  path: string;
  /** Seen by a visitor who has not signed in. */
  stranger?: boolean;
  /** Resolves when the page shows what the picture is meant to show. */
  ready(page: Page): Promise<unknown>;
};

/** Every size in every theme, with somebody who has signed in and somebody who has not. */
export async function openLooks(from: Browser, install: Install): Promise<Look[]> {
  const { url, admin } = install.credentials;
  const looks: Look[] = [];
  for (const [size, device] of Object.entries(SIZES)) {
    for (const colorScheme of THEMES) {
      const signedIn = await from.newContext({ ...device, colorScheme });
      const answer = await signedIn.request.post(`${url}/api/v1/session`, {
        data: { email: admin.email, password: admin.password },
        headers: { origin: url },
      });
      if (!answer.ok()) throw new Error(`sign-in: ${answer.status()} ${await answer.text()}`);
      looks.push({
        name: `${size}-${colorScheme}`,
        signedIn,
        stranger: await from.newContext({ ...device, colorScheme }),
      });
    }
  }
  return looks;
}

/** Takes pictures of pages that need nothing but to be opened. */
export async function shoot(camera: Camera, looks: readonly Look[], shots: readonly Shot[]): Promise<void> {
  for (const shot of shots) {
    for (const look of looks) {
      const page = await (shot.stranger ? look.stranger : look.signedIn).newPage();
      await page.goto(`${camera.url}${shot.path}`);
      await shot.ready(page);
      await take(camera, page, `${shot.name}-${look.name}`);
      await page.close();
    }
  }
}

/** One picture, once everything on the page stands still. */
export async function take({ out }: Camera, page: Page, name: string): Promise<void> {
  await settle(page);
  await page.screenshot({ path: join(out, `${name}.png`) });
  await warnOfOverflow(page, name);
}

/** Nothing holds the place of something else, fonts are there, nothing fades in any more. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('.block.animate-pulse') === null);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const passing = document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(passing.map((each) => each.finished));
  });
}

async function warnOfOverflow(page: Page, name: string): Promise<void> {
  const { content, width } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    width: document.documentElement.clientWidth,
  }));
  if (content > width) console.error(`${name}: ${content - width} px wider than the window`);
}
