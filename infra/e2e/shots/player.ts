import type { Page } from '@playwright/test';
import type { PlayerStatus } from '../../../player/src/core/phase.ts';
import { api, type BroadcastAnswer, eventually, type Install } from '../../bench/lib/install.ts';
import type { Market } from '../night-market.ts';
import { type Camera, type Look, take } from './looks.ts';
import { seePicture, seeText } from './pages.ts';

/** The player's own colours do not follow the page's theme: one look a size is enough, and each theme is around it once. */
const LOOKS = ['desktop-dark', 'phone-light'];

type Surroundings = {
  camera: Camera;
  looks: readonly Look[];
  install: Install;
  openMarket(handle: string): Promise<Market>;
};
type Act = (page: Page) => Promise<unknown>;

/** Every state of the player that a person can meet, on the watch page of a real show, from the waiting room to the recording. */
export async function shootPlayer({ camera, looks, install, openMarket }: Surroundings): Promise<void> {
  const handle = `player-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Night Market' });
  const make = (title: string, more: object = {}) =>
    api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, { title, visibility: 'public', ...more });
  const seats = looks.filter(({ name }) => LOOKS.includes(name));
  const pages = new Map<string, Page>();
  for (const { name, stranger } of seats) pages.set(name, await stranger.newPage());
  /** The same on each page, one after the other, and a picture of each. */
  const each = async (state: string, act: Act) => {
    for (const [look, page] of pages) {
      try {
        await act(page);
      } catch (error) {
        // The picture shows what there was instead; the other states are still worth having.
        console.error(`${state}, ${look}: ${error instanceof Error ? error.message : error}`);
        process.exitCode = 1;
      }
      await take(camera, page, `player-${state}-${look}`);
    }
  };
  const all = (act: Act) => Promise.all([...pages.values()].map(act));

  await before(make, each);
  const show = await make('Noodles at midnight');
  const state = async () => (await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${show.id}`)).state;
  let market = await openMarket(handle);
  try {
    await api(install, 'POST', `/broadcasts/${show.id}/start`);
    await eventually('the show is live', async () => (await state()) === 'live', 60_000);
    await onAir(show.watchUrl, each, all);
    await market.stop();
    await all((page) => page.getByText(/host is reconnecting/).waitFor({ timeout: 40_000 }));
    await each('host-away', seeText(/host is reconnecting/));
    market = await openMarket(handle);
    await all((page) => page.getByText(/host is reconnecting/).waitFor({ state: 'hidden', timeout: 40_000 }));
    await api(install, 'POST', `/broadcasts/${show.id}/end`);
    await all((page) => page.getByText('The broadcast has ended.').waitFor({ timeout: 60_000 }));
    await each('ended', seeText('The broadcast has ended.'));
  } finally {
    await market.stop();
  }
  const recording = () => api<{ state: string }>(install, 'GET', `/broadcasts/${show.id}/recording`);
  await eventually('the recording is ready', async () => (await recording()).state === 'ready', 60_000);
  await each('recording', async (page) => {
    await page.goto(show.watchUrl);
    await phase(page, 'playing');
    await press(page, 's');
    await page.getByLabel('Speed').waitFor();
  });
  await each('recording-preview', async (page) => {
    await page.keyboard.press('Escape');
    const bar = await page.getByLabel('Position').boundingBox();
    if (bar) await page.mouse.move(bar.x + bar.width * 0.4, bar.y + bar.height / 2);
    await page.locator('.preview-time').waitFor();
  });
  await shut(make, each, install);
  await all((page) => page.close());
}

type Make = (title: string, more?: object) => Promise<BroadcastAnswer>;
type Each = (state: string, act: Act) => Promise<void>;

async function before(make: Make, each: Each): Promise<void> {
  const planned = await make('Dumplings at noon', { startsAt: new Date(Date.now() + 3_600_000).toISOString() });
  await each('countdown', async (page) => {
    await page.goto(planned.watchUrl);
    await page.locator('.clock').waitFor();
  });
}

async function onAir(url: string, each: Each, all: (act: Act) => Promise<unknown>): Promise<void> {
  // A network on which the picture takes its time.
  await each('loading', async (page) => {
    await page.route('**/play/**', () => undefined);
    await page.goto(url);
    await page.getByRole('progressbar', { name: 'Loading' }).waitFor();
  });
  await all((page) => page.unrouteAll({ behavior: 'ignoreErrors' }));
  await each('muted', async (page) => {
    await page.goto(url);
    await seePicture(page);
    await page.getByRole('button', { name: 'Tap to unmute' }).waitFor();
    await tools(page);
  });
  await each('playing', async (page) => {
    await page.getByRole('button', { name: 'Tap to unmute' }).click();
    await page.getByRole('button', { name: 'Tap to unmute' }).waitFor({ state: 'hidden' });
  });
  await each('paused', async (page) => {
    await press(page, 'k');
    await phase(page, 'paused');
  });
  await all((page) => press(page, 'End'));
  await each('settings', async (page) => {
    await phase(page, 'playing');
    await press(page, 's');
    // One rung has no quality to choose.
    await page.getByLabel('Sound only').waitFor();
  });
  await each('sound-only', async (page) => {
    await page.getByLabel('Sound only').check();
    await press(page, 'Escape');
    await page.locator('.note', { hasText: 'Sound only' }).waitFor();
    await phase(page, 'playing');
  });
  await each('lowest-delay', async (page) => {
    await press(page, 's');
    await page.getByLabel('Sound only').uncheck();
    await page.getByLabel('Lowest delay').check();
    await page.getByText('You see the show with the lowest delay.').waitFor();
  });
  await all(async (page) => {
    await page.getByLabel('Lowest delay').uncheck();
    await press(page, 'Escape');
  });
  await each('statistics', async (page) => {
    await phase(page, 'playing');
    await press(page, 'd');
    await page.locator('[data-stat=statMargin]', { hasText: /^\d.* \/ \d/ }).waitFor();
  });
  await each('keyboard', async (page) => {
    await press(page, 'Escape');
    await press(page, '?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  });
  await all((page) => press(page, 'Escape'));
  await each('behind', async (page) => {
    await press(page, 'Home');
    await page.waitForFunction(() => {
      const player = document.querySelector('openair-player');
      return player && 'status' in player && (player.status as PlayerStatus | null)?.following === false;
    });
    await phase(page, 'playing');
  });
  await each('theatre', async (page) => {
    await press(page, 'End');
    await press(page, 't');
    await phase(page, 'playing');
  });
  await all((page) => press(page, 't'));
  await each('offline', async (page) => {
    await page.context().setOffline(true);
    await page.getByText('You are offline.').waitFor({ timeout: 40_000 });
  });
  await all(async (page) => {
    await page.context().setOffline(false);
    await phase(page, 'playing');
  });
  await each('unreachable', async (page) => {
    await page.route('**/play/**', (route) => route.abort());
    await phase(page, 'reconnecting');
  });
  await all(async (page) => {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await phase(page, 'playing');
  });
}

/** Shows that not everyone may watch. */
async function shut(make: Make, each: Each, install: Install): Promise<void> {
  const locked = await make('The inner circle', { visibility: 'password', password: 'lantern' });
  await each('password', async (page) => {
    await page.goto(locked.watchUrl);
    await page.getByLabel('Password').waitFor();
  });
  await each('password-wrong', async (page) => {
    await page.getByLabel('Password').fill('Lantern');
    await page.keyboard.press('Enter');
    await page.getByText('This password is not right.').waitFor();
  });
  await each('sent-away', async (page) => {
    let viewer = '';
    page.on('request', (request) => {
      viewer = /\/play\/[^/~]+~[^.]+\.[^.]+\.([^.]+)\./.exec(request.url())?.[1] ?? viewer;
    });
    await page.getByLabel('Password').fill('lantern');
    await page.keyboard.press('Enter');
    await phase(page, 'waiting');
    await api(install, 'PUT', `/broadcasts/${locked.id}/revoked/${viewer}`);
    // The chat says so first; the picture is gone with the next answer of the origin.
    await page.locator('video').waitFor({ state: 'detached', timeout: 40_000 });
    await page.getByText('The host has sent you away').waitFor();
  });
  const ticketed = await make('By ticket', { visibility: 'ticket' });
  await each('ticket', async (page) => {
    await page.goto(ticketed.watchUrl);
    await page.getByLabel('Ticket link').waitFor();
  });
}

const tools = (page: Page) =>
  page.locator('openair-player').getByRole('button', { name: 'Settings', exact: true }).waitFor();

/** A key, with the focus in the player. */
async function press(page: Page, key: string): Promise<void> {
  await page.locator('openair-player').focus();
  await page.keyboard.press(key);
}

async function phase(page: Page, wanted: PlayerStatus['phase']): Promise<void> {
  await page.waitForFunction(
    (name) => {
      const player = document.querySelector('openair-player');
      return player && 'status' in player && (player.status as PlayerStatus | null)?.phase === name;
    },
    wanted,
    { timeout: 40_000 },
  );
}
