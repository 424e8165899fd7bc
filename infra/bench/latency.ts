/**
 * `npm run bench:latency [-- --seconds 60] [--only browser|rtmp] [--json]`: glass to glass through a running install, by a clock drawn into the
 * picture and read back in the player; first picture, stalls, CPU of each process.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from '@playwright/test';
import { readState } from '../native/supervise/state-file.ts';
import { publishFrom, serveHostPage } from './clock/host-page.ts';
import { KEEP_NAMES, startReading, takeReading, type ViewerLog } from './clock/read-clock.ts';
import { startEncoder } from './clock/rtmp-source.ts';
import { launchBrowser } from './lib/browser.ts';
import { treeTimes } from './lib/cpu.ts';
import { api, type BroadcastAnswer, eventually, type Install, openInstall } from './lib/install.ts';
import { percentile } from './lib/percentiles.ts';

/** From "live" to the first viewer, ms. */
const WARM_MS = 15_000;
const TAB_MS = 1_500;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    gop: { type: 'string', default: '60' },
  },
});
const seconds = Math.min(600, Math.max(5, Number(options.seconds) || 60));

type Result = {
  source: string;
  p10Ms: number;
  p50Ms: number;
  p95Ms: number;
  firstPictureMs: number[];
  stalls: number;
  /** Seconds after the first frame read. */
  stalledAtS: number[];
  voidShare: number;
  frames: number;
  measuredS: number;
  cores: Record<string, number>;
};

const install = openInstall();
const browser = await launchBrowser();
const results: Result[] = [];
try {
  if (options.only !== 'rtmp') results.push(await measure('browser host', browser, publishFromBrowser));
  if (options.only !== 'browser')
    results.push(await measure(`RTMP, key frame every ${Number(options.gop) / 30} s`, browser, publishByRtmp));
} finally {
  await browser.close();
}
if (options.json)
  console.log(JSON.stringify({ node: process.version, date: new Date().toISOString(), results }, null, 2));
else for (const result of results) print(result);

type Publish = (handle: string, broadcast: BroadcastAnswer) => Promise<() => Promise<void>>;

async function measure(source: string, on: Browser, publish: Publish): Promise<Result> {
  const handle = `bench-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Bench' });
  const broadcast = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, {
    title: 'Clock',
    visibility: 'public',
  });
  const stop = await publish(handle, broadcast);
  try {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
    await eventually('the broadcast is live', async () => {
      const { state } = await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${broadcast.id}`);
      return state === 'live' || null;
    });
    // Engine, encoder and the pages' server have done what they do once: a viewer's figures are those of a show that runs.
    await wait(WARM_MS);
    const { log, firstPictureMs, cores } = await watch(on, broadcast.watchUrl);
    return { source, ...summary(log), firstPictureMs, cores };
  } finally {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/end`).catch(() => {});
    await stop();
  }
}

async function watch(on: Browser, watchUrl: string) {
  const firstPictureMs: number[] = [];
  for (let load = 0; load < 3; load++) {
    const page = await on.newPage({ viewport: { width: 1280, height: 800 } });
    firstPictureMs.push(await firstPicture(page, watchUrl));
    await page.close();
  }
  const page = await on.newPage({ viewport: { width: 1280, height: 800 } });
  firstPictureMs.push(await firstPicture(page, watchUrl));
  await startReading(page);
  const before = cpuOf(install);
  const startedAt = performance.now();
  await page.waitForTimeout(seconds * 1000);
  const elapsedS = (performance.now() - startedAt) / 1000;
  const after = cpuOf(install);
  const log = await takeReading(page);
  await page.close();
  const cores = Object.fromEntries(
    Object.entries(after).map(([name, cpuS]) => [name, (cpuS - (before[name] ?? cpuS)) / elapsedS]),
  );
  return { log, firstPictureMs, cores };
}

/** Milliseconds from navigation start to the first presented frame of the page's first video. */
async function firstPicture(page: Awaited<ReturnType<Browser['newPage']>>, url: string): Promise<number> {
  await page.addInitScript({ content: KEEP_NAMES });
  // A new tab's own process is there before a person types an address.
  await wait(TAB_MS);
  await page.addInitScript(() => {
    const look = () => {
      const video = document.querySelector('video');
      if (!video) return requestAnimationFrame(look);
      video.requestVideoFrameCallback((now) => {
        (window as unknown as { firstPictureMs: number }).firstPictureMs = now;
      });
    };
    look();
  });
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(() => 'firstPictureMs' in window, undefined, { timeout: 30_000 });
  return page.evaluate(() => (window as unknown as { firstPictureMs: number }).firstPictureMs);
}

/** CPU seconds so far of each supervised process and its children. */
function cpuOf({ home }: Install): Record<string, number> {
  const parts = readState(home)?.parts ?? {};
  const found = Object.entries(parts).flatMap(([name, { pid }]) => (pid ? [[name, treeTimes(pid).cpuS] as const] : []));
  return Object.fromEntries(found);
}

/** The first 30 % are settling in and do not count; stalls count from the first frame on. */
function summary(log: ViewerLog) {
  const from = (log.samples[0]?.atMs ?? 0) + seconds * 300;
  const settled = log.samples.filter((sample) => sample.atMs >= from);
  const latencies = settled.map((sample) => sample.latencyMs);
  return {
    p10Ms: percentile(latencies, 0.1),
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    stalls: log.stalls.length,
    stalledAtS: log.stalls.map((atMs) => Math.round((atMs - (log.samples[0]?.atMs ?? atMs)) / 100) / 10),
    voidShare: log.frames === 0 ? 1 : log.voids / log.frames,
    frames: log.frames,
    measuredS: seconds,
  };
}

async function publishFromBrowser(_handle: string, broadcast: BroadcastAnswer): Promise<() => Promise<void>> {
  const host = await serveHostPage();
  const page = await browser.newPage();
  const grant = await api<{ livekitUrl: string; token: string }>(
    install,
    'POST',
    `/broadcasts/${broadcast.id}/host-token`,
    {
      identity: 'host_clock',
      name: 'Clock',
    },
  );
  await publishFrom(page, host.url, grant);
  return async () => {
    await page.close();
    host.close();
  };
}

async function publishByRtmp(handle: string): Promise<() => Promise<void>> {
  const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(
    install,
    'GET',
    `/channels/${handle}/ingest`,
  );
  const encoder = startEncoder({ url: `${rtmp.url}/${rtmp.streamKey}`, gop: Number(options.gop) });
  return () => encoder.stop();
}

function print(result: Result): void {
  const s = (ms: number) => (ms / 1000).toFixed(3);
  console.log(
    `\n${result.source}: glass to glass p10 ${s(result.p10Ms)} s, p50 ${s(result.p50Ms)} s, p95 ${s(result.p95Ms)} s`,
  );
  console.log(
    `  ${result.frames} frames in ${result.measuredS} s, ${(result.voidShare * 100).toFixed(1)} % void, ${result.stalls} stalls${result.stalledAtS.map((atS) => ` (at ${atS} s)`).join('')}`,
  );
  console.log(`  first picture ${result.firstPictureMs.map((ms) => Math.round(ms)).join(', ')} ms after navigation`);
  const cores = Object.entries(result.cores).filter(([, share]) => share >= 0.005);
  console.log(`  cores: ${cores.map(([name, share]) => `${name} ${share.toFixed(2)}`).join(', ')}`);
}
