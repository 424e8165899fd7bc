import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { api, type BroadcastAnswer, eventually } from '../bench/lib/install.ts';
import { expect, expectMovingClock, expectMovingPicture, type Stage, test } from './stage.ts';

/** Other people's players on our addresses, as somebody would put them on a page: each with its defaults, from npm. */
const resolve = createRequire(import.meta.url).resolve;
const LIBRARIES = {
  'hls.js': resolve('hls.js/dist/hls.min.js'),
  'video.js': resolve('video.js/dist/video.min.js'),
  shaka: resolve('shaka-player/dist/shaka-player.compiled.js'),
};
type Library = keyof typeof LIBRARIES;

/** Somebody else's site. Chromium lets only a page from loopback ask loopback, so it is a real one. */
let site: Server;
let siteUrl = '';
test.beforeAll(async () => {
  site = createServer((_, answer) =>
    answer.setHeader('content-type', 'text/html').end('<!doctype html><title>Another site</title>'),
  );
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
});
test.afterAll(() => site.close());

/** Opens a library on a page of its own and plays `url`; what it says of faults and of metadata is kept in the page. */
async function open(page: Page, library: Library, url: string): Promise<void> {
  await page.goto(siteUrl);
  await page.setContent('<video id="v" class="video-js" muted playsinline width="640" height="360"></video>');
  await page.addScriptTag({ content: readFileSync(LIBRARIES[library], 'utf8') });
  await page.evaluate(`
    window.faults = [];
    window.marks = [];
    (async () => {
      const video = document.getElementById('v');
      if (${JSON.stringify(library)} === 'hls.js') {
        const hls = new Hls();
        hls.on(Hls.Events.ERROR, (_, data) => data.fatal && faults.push(data.details));
        hls.on(Hls.Events.FRAG_PARSING_METADATA, (_, data) =>
          data.samples.forEach((s) => marks.push(new TextDecoder().decode(s.data))));
        hls.loadSource(${JSON.stringify(url)});
        hls.attachMedia(video);
      } else if (${JSON.stringify(library)} === 'video.js') {
        const player = videojs(video, { muted: true, html5: { vhs: { overrideNative: true } } });
        player.on('error', () => faults.push(String(player.error() && player.error().message)));
        player.src({ src: ${JSON.stringify(url)}, type: 'application/x-mpegURL' });
        player.play();
        return;
      } else {
        shaka.polyfill.installAll();
        const player = new shaka.Player();
        await player.attach(video);
        player.addEventListener('error', (event) => 
          faults.push('shaka ' + [event.detail.code, ...event.detail.data.slice(0, 3)].join(' ')));
        player.addEventListener('metadata', (event) => marks.push(JSON.stringify(event.payload)));
        await player.load(${JSON.stringify(url)});
      }
      await video.play();
    })().catch((error) => faults.push(String(error && (error.code ? [error.code, ...error.data.slice(0, 3)].join(' ') : error.message))));
  `);
}
const faults = (page: Page) => page.evaluate<string[]>('faults');

/** Plays on for `seconds` of media, without a fault. */
async function expectPlayed(page: Page, seconds: number): Promise<void> {
  const time = () => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
  await expect.poll(time, { timeout: 30_000, message: 'playback begins' }).toBeGreaterThan(0);
  const from = await time();
  await expect
    .poll(async () => [await faults(page), (await time()) - from > seconds], { timeout: 30_000 })
    .toEqual([[], true]);
}

async function air(
  stage: Stage,
  title: string,
): Promise<BroadcastAnswer & { playback: { hls: string; dash: string } }> {
  const broadcast = await stage.makeBroadcast(title);
  await stage.connectEncoder();
  return (await stage.start(broadcast.id)) as Awaited<ReturnType<typeof air>>;
}

const PLAYED: { library: Library; format: 'hls' | 'dash' }[] = [
  { library: 'hls.js', format: 'hls' },
  { library: 'video.js', format: 'hls' },
  { library: 'shaka', format: 'dash' },
  { library: 'shaka', format: 'hls' },
];

test('hls.js, video.js and Shaka play the live show and its recording, picture and sound', async ({ stage, page }) => {
  test.setTimeout(240_000);
  const { id, playback } = await air(stage, 'Other players');
  for (const { library, format } of PLAYED) {
    await test.step(`${library}, ${format}, live`, async () => {
      await open(page, library, playback[format]);
      await expectMovingClock(page);
      expect(await faults(page)).toEqual([]);
    });
  }
  await stage.end(id);
  const { duration } = await eventually(
    'the recording is ready',
    async () => {
      const found = await api<{ state: string; duration: number }>(stage.install, 'GET', `/broadcasts/${id}/recording`);
      return found.state === 'ready' && found;
    },
    60_000,
  );
  for (const { library, format } of PLAYED) {
    await test.step(`${library}, ${format}, recording`, async () => {
      await open(page, library, playback[format]);
      await expectPlayed(page, 2);
      const seen = await page.evaluate(() => document.querySelector('video')?.duration ?? 0);
      expect(Math.abs(seen - duration)).toBeLessThan(1);
      await page.evaluate((to) => {
        const video = document.querySelector('video');
        if (video) video.currentTime = to;
      }, duration / 2);
      await expectMovingPicture(page);
      expect(await faults(page)).toEqual([]);
    });
  }
});

test('a viewer of the live DASH manifest sees the show end', async ({ stage, page }) => {
  const { id, playback } = await air(stage, 'To the end');
  await open(page, 'shaka', playback.dash);
  await expectMovingClock(page);
  await stage.end(id);
  await expect.poll(() => page.evaluate(() => document.querySelector('video')?.ended), { timeout: 60_000 }).toBe(true);
  expect(await faults(page)).toEqual([]);
});

test('a change of the scene reaches the page as timed metadata', async ({ stage, page }) => {
  const { id, playback } = await air(stage, 'Marks');
  await open(page, 'hls.js', playback.hls);
  await expectMovingClock(page);
  const { scene } = await api<{ scene: object }>(stage.install, 'GET', `/broadcasts/${id}`);
  await api(stage.install, 'PUT', `/broadcasts/${id}/scene`, { ...scene, layout: 'speaker' });
  const marks = () => page.evaluate<string[]>('marks');
  await expect.poll(async () => (await marks()).join('\n'), { timeout: 30_000 }).toContain('"layout":"speaker"');
  expect((await marks()).join()).toContain('openair:scene');
  expect(await faults(page)).toEqual([]);
});

test('the player of ours plays a show of the standard latency mode without a stall', async ({ stage, page }) => {
  const { handle, install } = stage;
  const made = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, {
    title: 'Behind a cache',
    visibility: 'public',
    latency: 'standard',
  });
  await stage.connectEncoder();
  await stage.start(made.id);
  // Who comes first has one segment of four seconds, and cannot but wait for the next.
  const list = made.playback.hls.replace('index.m3u8', '720p/media.m3u8');
  const segments = async () => (await (await fetch(list)).text()).match(/#EXTINF/g)?.length ?? 0;
  await eventually('four segments', async () => (await segments()) >= 4, 40_000);
  await page.goto(made.watchUrl);
  await expectMovingClock(page);
  const time = () => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
  const from = await time();
  await page.evaluate(() => {
    const seen = { waits: 0, rates: [] as number[] };
    Object.assign(window, { seen });
    const video = document.querySelector('video');
    video?.addEventListener('waiting', () => seen.waits++);
    video?.addEventListener('ratechange', () => seen.rates.push(video.playbackRate));
  });
  await expect.poll(async () => (await time()) - from, { timeout: 40_000 }).toBeGreaterThan(16);
  expect(await page.evaluate('seen')).toEqual({ waits: 0, rates: [] });
  await stage.end(made.id);
});
