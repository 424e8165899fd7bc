/**
 * Hand tool: a viewer who joins a broadcast that is an hour old, goes to its start and back to the present, again and again. Prints how long
 * each jump took until the picture moved, and the memory of origin and tab after each round.
 * node --import tsx infra/e2e/lab/hour.ts [MINUTES] [ROUNDS]
 */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { PlayerStatus } from '../../../player/src/core/phase.ts';
import { launchBrowser } from '../../bench/lib/browser.ts';
import { processTimes } from '../../bench/lib/cpu.ts';
import { startLab } from './start-lab.ts';

const [minutes = 60, rounds = 6] = process.argv.slice(2).map(Number);
const PLAY_S = 4;
/** What the lab's stores keep of a second of show: both rungs and the sound. */
const KEPT_KB_A_S = (500 + 150 + 110) / 8;

const browser = await launchBrowser();
const lab = await startLab();
try {
  const madeAt = performance.now();
  await lab.show({ dvrS: 86_400 });
  await lab.live(minutes * 60);
  console.log(`${minutes} min of show are there after ${((performance.now() - madeAt) / 1000).toFixed(0)} s`);
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const joinedAt = performance.now();
  await page.goto(`${lab.pages}/first?autoplay`);
  await page.waitForFunction(
    () => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 15,
  );
  console.log(
    `joined at the edge: ${((performance.now() - joinedAt) / 1000).toFixed(1)} s with half a second of picture`,
  );
  const startedAt = performance.now();
  const first = await memory(page, lab.pid);
  print('before', first, 0);
  for (let round = 1; round <= rounds; round++) {
    const backS = await jump(page, 'Home', { least: Math.max(30, minutes * 60 - 120), most: Number.MAX_SAFE_INTEGER });
    const edgeS = await jump(page, 'End', { least: 0, most: 6 });
    print(
      `round ${round}, start in ${backS.toFixed(2)} s, live in ${edgeS.toFixed(2)} s`,
      await memory(page, lab.pid),
      (performance.now() - startedAt) / 1000,
    );
  }
} finally {
  await browser.close();
  await lab.close();
}

/** Presses a key and waits until the show plays on where it leads. @returns seconds until the picture moved there */
async function jump(page: Page, key: string, behindS: { least: number; most: number }): Promise<number> {
  await page.locator('openair-player').focus();
  const from = performance.now();
  await page.keyboard.press(key);
  await page.waitForFunction(({ least, most }) => {
    const player = document.querySelector('openair-player');
    const status = player && 'status' in player ? (player.status as PlayerStatus | null) : null;
    const isBehind = status?.behindS ?? -1;
    return status?.phase === 'playing' && isBehind >= least && isBehind <= most;
  }, behindS);
  const at = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
  await page.waitForFunction((before) => (document.querySelector('video')?.currentTime ?? 0) > before + 0.1, at);
  const tookS = (performance.now() - from) / 1000;
  // Played for a while before the next jump.
  await page.waitForFunction((until) => (document.querySelector('video')?.currentTime ?? 0) > until, at + PLAY_S);
  return tookS;
}

type Memory = { originMb: number; tabMb: number; heapMb: number; bufferedS: number };

async function memory(page: Page, originPid: number): Promise<Memory> {
  const tab = await page.context().newCDPSession(page);
  await tab.send('HeapProfiler.collectGarbage');
  await tab.send('Performance.enable');
  const { metrics } = await tab.send('Performance.getMetrics');
  await tab.detach();
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
  await whole.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentMb(id));
  return {
    originMb: processTimes(originPid).rssMb,
    tabMb: Math.max(0, ...renderers),
    heapMb: (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1e6,
    bufferedS: await page.evaluate(() => {
      const { buffered } = document.querySelector('video') as HTMLVideoElement;
      return Array.from({ length: buffered.length }, (_, i) => buffered.end(i) - buffered.start(i)).reduce(
        (sum, each) => sum + each,
        0,
      );
    }),
  };
}

function residentMb(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 1e6;
  } catch {
    return 0;
  }
}

function print(what: string, { originMb, tabMb, heapMb, bufferedS }: Memory, passedS: number): void {
  const grown = (passedS * KEPT_KB_A_S) / 1000;
  console.log(
    `${what}: origin ${originMb.toFixed(0)} MB (its stores grew by ${grown.toFixed(0)}), tab ${tabMb.toFixed(0)} MB, its scripts ${heapMb.toFixed(1)} MB, ${bufferedS.toFixed(0)} s of media in the buffer`,
  );
}
