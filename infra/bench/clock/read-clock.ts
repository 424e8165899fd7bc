import type { Page } from '@playwright/test';
import { BLOCK_PX, CLOCK_BITS, clockOf } from './clock-bits.ts';

export type ClockSample = { latencyMs: number; atMs: number };
export type ViewerLog = {
  samples: ClockSample[];
  voids: number;
  frames: number;
  /** `waiting` after `playing`, with its moment. */
  stalls: number[];
  rates: number[];
};

/** The loader that runs these files wraps named functions in a call of `__name`; a page has none. */
export const KEEP_NAMES = 'globalThis.__name ??= (named) => named';

type RawLog = { frames: { at: number; levels: number[] }[]; stalls: number[]; rates: number[] };

/**
 * Starts reading the clock in the page's first video at each presented frame. Runs in the page: no imports.
 */
export async function startReading(page: Page): Promise<void> {
  await page.evaluate(KEEP_NAMES);
  await page.evaluate(
    ({ bits, blockAt720 }) => {
      const video = document.querySelector('video');
      if (!video) throw new Error('the page has no video');
      const log: RawLog = { frames: [], stalls: [], rates: [] };
      const canvas = document.createElement('canvas');
      const pen = canvas.getContext('2d', { willReadFrequently: true });
      let playing = !video.paused && video.readyState > 2;
      video.addEventListener('playing', () => {
        playing = true;
      });
      video.addEventListener('waiting', () => {
        if (playing) log.stalls.push(Date.now());
        playing = false;
      });
      video.addEventListener('ratechange', () => log.rates.push(video.playbackRate));
      const read = () => {
        // A reading that begins anew takes the place of the one before.
        if ((window as unknown as { clockLog: RawLog }).clockLog !== log) return;
        const now = Date.now();
        const block = (blockAt720 * video.videoHeight) / 720;
        canvas.width = Math.ceil(block * bits);
        canvas.height = Math.ceil(block);
        if (pen && block > 0) {
          pen.drawImage(video, 0, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
          const third = Math.max(1, Math.floor(block / 3));
          const levels: number[] = [];
          for (let bit = 0; bit < bits; bit++) {
            const { data } = pen.getImageData(Math.floor(bit * block + third), third, third, third);
            let sum = 0;
            for (let i = 0; i < data.length; i += 4) sum += data[i + 1] as number;
            levels.push(sum / (data.length / 4));
          }
          log.frames.push({ at: now, levels });
        }
        video.requestVideoFrameCallback(read);
      };
      video.requestVideoFrameCallback(read);
      (window as unknown as { clockLog: RawLog }).clockLog = log;
    },
    { bits: CLOCK_BITS, blockAt720: BLOCK_PX },
  );
}

/** What was read since `startReading`, clocks decoded. */
export async function takeReading(page: Page): Promise<ViewerLog> {
  const raw = await page.evaluate(() => (window as unknown as { clockLog: RawLog }).clockLog);
  const samples: ClockSample[] = [];
  let voids = 0;
  for (const { at, levels } of raw.frames) {
    const clock = clockOf(levels);
    // A torn frame can decode to a year far away: as void as a grey block.
    if (clock === null || Math.abs(at - clock) > 60_000) voids += 1;
    else samples.push({ latencyMs: at - clock, atMs: at });
  }
  return { samples, voids, frames: raw.frames.length, stalls: raw.stalls, rates: raw.rates };
}
