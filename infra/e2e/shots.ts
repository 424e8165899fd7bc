/** `npm run shots -- [--out DIR]`: a picture of every page, on desktop and phone, dark and light, of a show that really runs. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { io, type Socket } from 'socket.io-client';
import type { ClientToServer, ServerToClient } from '../../app/_realtime/contract.ts';
import { REALTIME_VERSION } from '../../app/_realtime/contract.ts';
import { launchBrowser } from '../bench/lib/browser.ts';
import { api, type BroadcastAnswer, eventually, openInstall } from '../bench/lib/install.ts';
import { startNightMarket } from './night-market.ts';

const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 360, height: 780 }, isMobile: true, hasTouch: true },
} as const;
const THEMES = ['dark', 'light'] as const;
const TALK = [
  'The lanterns look lovely from up here',
  'Which stall is the one with the hand-pulled noodles?',
  'Second from the left, the queue tells you',
  'Worth the wait',
] as const;

/** One way to look: a size, a theme, and the cookies of those who signed in. */
type Look = { name: string; signedIn: BrowserContext; stranger: BrowserContext };
type Shot = {
  name: string;
  path: string;
  /** Seen by a visitor who has not signed in. */
  stranger?: boolean;
  /** Resolves when the page shows what the picture is meant to show. */
  ready(page: Page): Promise<unknown>;
};

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const install = openInstall();
const out = resolve(values.out ?? join(install.home, 'shots'));
mkdirSync(out, { recursive: true });
const browser = await launchBrowser();
try {
  await takeAll(await openLooks(browser));
} finally {
  await browser.close();
}
console.log(`Pictures are in ${out}`);

async function takeAll(looks: Look[]): Promise<void> {
  const handle = `night-market-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Night Market' });
  await shoot(looks, quietPages(handle));
  const broadcast = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, {
    title: 'Noodles at midnight',
    visibility: 'public',
  });
  const watch = new URL(broadcast.watchUrl).pathname;
  await shoot(looks, [
    { name: 'watch-waiting', path: watch, stranger: true, ready: seeText(/not begun|starts here/i) },
  ]);
  const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(
    install,
    'GET',
    `/channels/${handle}/ingest`,
  );
  const market = startNightMarket(`${rtmp.url}/${rtmp.streamKey}`);
  try {
    await shoot(looks, [{ name: 'studio-encoder-panel', path: `/studio/${handle}`, ready: seeEncoder }]);
    await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
    await untilState(broadcast.id, 'live');
    const guests = await talk(handle);
    await shoot(looks, livePages(handle, watch));
    for (const guest of guests) guest.disconnect();
    await api(install, 'POST', `/broadcasts/${broadcast.id}/end`);
    await untilState(broadcast.id, 'ended');
  } finally {
    await market.stop();
  }
  await eventually(
    'the recording is ready',
    async () =>
      (await api<{ state: string }>(install, 'GET', `/broadcasts/${broadcast.id}/recording`)).state === 'ready',
    60_000,
  );
  await shoot(looks, [{ name: 'watch-ended', path: watch, stranger: true, ready: seeText(/here is its recording/i) }]);
}

function quietPages(handle: string): Shot[] {
  return [
    { name: 'home', path: '/', stranger: true, ready: seeText(/live now/i) },
    { name: 'sign-in', path: '/sign-in', stranger: true, ready: (page) => page.getByLabel(/e-?mail/i).waitFor() },
    { name: 'first-run', path: '/first-run', stranger: true, ready: seeText(/one-time link/i) },
    { name: 'not-found', path: '/nobody-has-this-name', stranger: true, ready: seeHeading },
    { name: 'admin-health', path: '/admin', ready: seeText(/everything works|needs? attention/i) },
    { name: 'studio-home', path: '/studio', ready: seeText(/night market/i) },
    { name: 'studio-off-air', path: `/studio/${handle}`, ready: seeText(/nothing is on air/i) },
  ];
}

function livePages(handle: string, watch: string): Shot[] {
  const talking = async (page: Page) => {
    await seePicture(page);
    await page.getByText(TALK[TALK.length - 1] ?? '').waitFor({ state: 'attached' });
  };
  return [
    { name: 'home-live', path: '/', stranger: true, ready: seeText('Noodles at midnight') },
    { name: 'watch-live', path: watch, stranger: true, ready: talking },
    { name: 'embed-live', path: `/embed/${handle}`, stranger: true, ready: seePicture },
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

async function openLooks(from: Browser): Promise<Look[]> {
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

async function shoot(looks: Look[], shots: Shot[]): Promise<void> {
  for (const shot of shots) {
    for (const look of looks) {
      const page = await (shot.stranger ? look.stranger : look.signedIn).newPage();
      await page.goto(`${install.credentials.url}${shot.path}`);
      await shot.ready(page);
      await settle(page);
      await page.screenshot({ path: join(out, `${shot.name}-${look.name}.png`) });
      await warnOfOverflow(page, `${shot.name}-${look.name}`);
      await page.close();
    }
  }
}

/** Nothing holds the place of something else, fonts are there, nothing fades in any more. */
async function settle(page: Page): Promise<void> {
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

function seeText(text: string | RegExp): Shot['ready'] {
  return (page) => page.getByText(text).filter({ visible: true }).first().waitFor();
}

function seeHeading(page: Page): Promise<void> {
  return page.getByRole('main').getByRole('heading').first().waitFor();
}

async function seeEncoder(page: Page): Promise<void> {
  await page.getByRole('tab', { name: /OBS or encoder/ }).click();
  const receiving = page.getByText('Receiving your encoder');
  await receiving.waitFor();
  await receiving.scrollIntoViewIfNeeded();
}

/** A picture is on screen and goes on: half a second of it was played. */
async function seePicture(page: Page): Promise<void> {
  await page.locator('video').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].some((video) => video.getVideoPlaybackQuality().totalVideoFrames > 15),
  );
}

function untilState(id: string, state: string): Promise<unknown> {
  const look = async () => (await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${id}`)).state === state;
  return eventually(`the broadcast is ${state}`, look, 60_000);
}

/** Guests, under the names that the chat gave them, who say what is in TALK, in order, over sockets of their own, and stay. */
async function talk(handle: string): Promise<Socket<ServerToClient, ClientToServer>[]> {
  const guests = [await joinAsGuest(handle), await joinAsGuest(handle), await joinAsGuest(handle)];
  for (const [index, text] of TALK.entries()) {
    const posted = await guests[index % guests.length]?.emitWithAck('chat:post', { clientId: randomUUID(), text });
    if (!posted?.ok) throw new Error(`chat: ${posted?.message}`);
  }
  return guests;
}

async function joinAsGuest(handle: string): Promise<Socket<ServerToClient, ClientToServer>> {
  const guest: Socket<ServerToClient, ClientToServer> = io(install.credentials.url, {
    transports: ['websocket'],
    auth: { v: REALTIME_VERSION },
    forceNew: true,
  });
  const joined = await guest.timeout(10_000).emitWithAck('channel:join', { handle });
  if (!joined.ok) throw new Error(`channel:join: ${joined.message}`);
  return guest;
}
