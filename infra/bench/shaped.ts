/**
 * `npm run bench:shaped [-- --seconds 180] [--kbps 4000] [--delay 40] [--json]`: viewers behind a narrow line that others use too. Our player,
 * then hls.js as it is on the same show, then hls.js on nginx-rtmp's plain HLS of the same picture; each for as long, each behind a line of its
 * own with the same bursts at the same moments. Says how much of the time there was no picture, and how far behind the source it was.
 */
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import { KEEP_NAMES, startReading, takeReading } from './clock/read-clock.ts';
import { startEncoder } from './clock/rtmp-source.ts';
import { launchBrowser } from './lib/browser.ts';
import { api, type BroadcastAnswer, eventually, openInstall } from './lib/install.ts';
import { percentile } from './lib/percentiles.ts';
import type { LinkPlan } from './shaped/link-clock.ts';
import { startPlainHls } from './shaped/plain-hls.ts';
import { openLink } from './shaped/shaped-link.ts';
import { serveViewerPages } from './shaped/viewer-pages.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '180' },
    kbps: { type: 'string', default: '4000' },
    delay: { type: 'string', default: '40' },
    json: { type: 'boolean', default: false },
  },
});
const number = (text: string, least: number, most: number, otherwise: number) =>
  Math.min(most, Math.max(least, Number(text) || otherwise));
const seconds = number(options.seconds, 20, 1800, 180);
const plan: LinkPlan = {
  kbps: number(options.kbps, 200, 1_000_000, 4000),
  delayMs: number(options.delay, 0, 2000, 40),
  burst: { everyMs: 7_000, forMs: 400 },
};

type Result = {
  viewer: string;
  /** Share of the time after the first picture in which it stood still for want of media. */
  rebufferShare: number;
  stalls: number;
  firstPictureMs: number;
  p50Ms: number;
  p95Ms: number;
  /** What our controller meant to sit at, s; null for others. */
  marginMeantS: number | null;
  receivedKbps: number;
};

const install = openInstall();
const browser = await launchBrowser();
const pages = await serveViewerPages();
const plain = await startPlainHls();
const results: Result[] = [];
const handle = `shaped-${Date.now().toString(36)}`;
await api(install, 'POST', '/channels', { handle, name: 'Shaped' });
const show = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, {
  title: 'Clock',
  visibility: 'public',
});
const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(install, 'GET', `/channels/${handle}/ingest`);
try {
  const encoder = startEncoder({ url: `${rtmp.url}/${rtmp.streamKey}` });
  try {
    await api(install, 'POST', `/broadcasts/${show.id}/start`);
    await eventually('the broadcast is live', async () => {
      const { state } = await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${show.id}`);
      return state === 'live';
    });
    const origin = new URL(show.playback.hls);
    results.push(await watch('Openair', '/ours', Number(origin.port), origin.pathname));
    results.push(await watch('hls.js as it is, same show', '/hlsjs', Number(origin.port), origin.pathname));
  } finally {
    await api(install, 'POST', `/broadcasts/${show.id}/end`).catch(() => {});
    await encoder.stop();
  }
  const other = startEncoder({ url: plain.rtmpUrl });
  try {
    await eventually('nginx-rtmp has three segments', async () => {
      const list = await fetch(`http://127.0.0.1:${plain.port}${plain.path}`);
      return list.ok && ((await list.text()).match(/\.ts/g) ?? []).length >= 3;
    });
    results.push(await watch('hls.js, nginx-rtmp plain HLS', '/hlsjs', plain.port, plain.path));
  } finally {
    await other.stop();
  }
} finally {
  await plain.close();
  pages.close();
  await browser.close();
}
if (options.json) console.log(JSON.stringify({ node: process.version, plan, seconds, results }, null, 2));
else print();

async function watch(viewer: string, kind: string, port: number, path: string): Promise<Result> {
  const link = await openLink(plan, port);
  const page = await browser.newPage({ viewport: { width: 1000, height: 640 } });
  try {
    await page.addInitScript({ content: KEEP_NAMES });
    const askedAt = Date.now();
    await page.goto(`${pages.base}${kind}?src=${encodeURIComponent(`http://127.0.0.1:${link.port}${path}`)}`);
    await page.waitForFunction(
      () => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0,
      undefined,
      {
        timeout: 60_000,
        polling: 20,
      },
    );
    const firstPictureMs = Date.now() - askedAt;
    await startCounting(page);
    await startReading(page);
    const before = link.bytes();
    await page.waitForTimeout(seconds * 1000);
    const receivedKbps = ((link.bytes() - before) * 8) / seconds / 1000;
    const still = await page.evaluate(() => (window as unknown as { still: { ms: number; stalls: number } }).still);
    const { samples } = await takeReading(page);
    const settled = samples.slice(Math.floor(samples.length * 0.3)).map(({ latencyMs }) => latencyMs);
    return {
      viewer,
      rebufferShare: still.ms / (seconds * 1000),
      stalls: still.stalls,
      firstPictureMs,
      p50Ms: percentile(settled, 0.5),
      p95Ms: percentile(settled, 0.95),
      marginMeantS: kind === '/ours' ? await marginOf(page) : null,
      receivedKbps,
    };
  } finally {
    await page.close();
    await link.close();
  }
}

/** Adds up, in the page, the time in which the video wants to play and does not move. */
function startCounting(page: Page): Promise<void> {
  return page.evaluate(() => {
    const video = document.querySelector('video');
    const still = { ms: 0, stalls: 0 };
    Object.assign(window, { still });
    if (!video) return;
    const STOPPED_MS = 100;
    let [position, movedAt, lookedAt, stands] = [video.currentTime, performance.now(), performance.now(), false];
    setInterval(() => {
      const now = performance.now();
      const moved = video.currentTime !== position;
      if (moved || video.paused) movedAt = now;
      // Longer than a frame or two at any rate: out of media. The time until it is noticed counts as well.
      const stopped = now - movedAt > STOPPED_MS;
      if (stopped && !stands) still.stalls += 1;
      if (stopped) still.ms += stands ? now - lookedAt : now - movedAt;
      [position, lookedAt, stands] = [video.currentTime, now, stopped];
    }, 20);
  });
}

/** Our statistics panel says what the controller means, s. */
async function marginOf(page: Page): Promise<number | null> {
  await page.locator('openair-player').focus();
  await page.keyboard.press('d');
  const cell = page.locator('[data-stat=statMargin]');
  await cell.waitFor();
  const meant = Number.parseFloat((await cell.textContent())?.split('/')[1] ?? '');
  return Number.isFinite(meant) ? meant : null;
}

function print(): void {
  const s = (ms: number) => (ms / 1000).toFixed(2);
  const { kbps, delayMs, burst } = plan;
  console.log(
    `\n${kbps} kbit/s, ${delayMs} ms each way, ${burst?.forMs} ms of others' traffic every ${(burst?.everyMs ?? 0) / 1000} s; ${seconds} s each`,
  );
  for (const each of results) {
    const margin = each.marginMeantS === null ? '' : `, margin meant ${each.marginMeantS.toFixed(2)} s`;
    console.log(
      `  ${each.viewer}: without a picture ${(each.rebufferShare * 100).toFixed(2)} % (${each.stalls} stalls), behind the source p50 ${s(each.p50Ms)} s, p95 ${s(each.p95Ms)} s, first picture ${s(each.firstPictureMs)} s${margin}, ${Math.round(each.receivedKbps)} kbit/s`,
    );
  }
  const own = results[0];
  if (own) console.log(`  goal: at most 0.25 % without a picture: ${own.rebufferShare <= 0.0025 ? 'met' : 'missed'}`);
}
