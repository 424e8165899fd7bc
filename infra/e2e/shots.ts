/**
 * `npm run shots -- [--out DIR] [--only pages|player]`: a picture of every page and of every state of the player, on desktop and phone, dark and
 * light, of a show that really runs.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../bench/lib/browser.ts';
import { api, type BroadcastAnswer, eventually, openInstall } from '../bench/lib/install.ts';
import { type Market, startNightMarket } from './night-market.ts';
import { type Look, openLooks, type Shot, shoot } from './shots/looks.ts';
import { livePages, quietPages, seeEncoder, seeText } from './shots/pages.ts';
import { shootPlayer } from './shots/player.ts';
import { talk } from './shots/talk.ts';

const { values } = parseArgs({ options: { out: { type: 'string' }, only: { type: 'string' } } });
const install = openInstall();
const camera = { url: install.credentials.url, out: resolve(values.out ?? join(install.home, 'shots')) };
mkdirSync(camera.out, { recursive: true });
const browser = await launchBrowser();
try {
  const looks = await openLooks(browser, install);
  if (values.only !== 'player') await shootPages(looks);
  if (values.only !== 'pages') await shootPlayer({ camera, looks, install, openMarket });
} finally {
  await browser.close();
}
console.log(`Pictures are in ${camera.out}`);

/** An encoder that sends the market to a channel. */
async function openMarket(handle: string): Promise<Market> {
  const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(
    install,
    'GET',
    `/channels/${handle}/ingest`,
  );
  return startNightMarket(`${rtmp.url}/${rtmp.streamKey}`);
}

async function shootPages(looks: Look[]): Promise<void> {
  const take = (shots: Shot[]) => shoot(camera, looks, shots);
  const handle = `night-market-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Night Market' });
  await take(quietPages(handle));
  const broadcast = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, {
    title: 'Noodles at midnight',
    visibility: 'public',
  });
  const watch = new URL(broadcast.watchUrl).pathname;
  await take([{ name: 'watch-waiting', path: watch, stranger: true, ready: seeText(/not begun|starts here/i) }]);
  const market = await openMarket(handle);
  try {
    await take([{ name: 'studio-encoder-panel', path: `/studio/${handle}`, ready: seeEncoder }]);
    await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
    await untilState(broadcast.id, 'live');
    const guests = await talk(install, handle);
    await take(livePages(handle, watch));
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
  await take([
    { name: 'watch-ended', path: watch, stranger: true, ready: seeText(/here is its recording/i) },
    { name: 'home-recent', path: '/', stranger: true, ready: seeText('Noodles at midnight') },
    { name: 'studio-after', path: `/studio/${handle}`, ready: seeText('Noodles at midnight') },
  ]);
}

function untilState(id: string, state: string): Promise<unknown> {
  const look = async () => (await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${id}`)).state === state;
  return eventually(`the broadcast is ${state}`, look, 60_000);
}
