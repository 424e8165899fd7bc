import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test as base, type Page } from '@playwright/test';
import type { PlayerStatus } from '../../../player/src/core/phase.ts';

export type Lab = {
  /** Where the pages are; `foreign` is the same under another origin. */
  pages: string;
  foreign: string;
  /** Changes what the origin knows of the show. */
  show(change: Record<string, unknown>): Promise<void>;
  /** Puts the show on air, with so many seconds of it already there. */
  live(historyS?: number): Promise<void>;
  /** Stops and continues the making of parts. */
  freeze(on: boolean): Promise<void>;
  end(): Promise<void>;
};

/** A lab for one test (lab/main.ts), ended with it. */
export const test = base.extend<{ lab: Lab }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern
  lab: async ({}, use) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'infra/e2e/lab/main.ts'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the lab ended with ${code}`)));
    });
    const { pages, foreign } = JSON.parse(line) as { pages: string; foreign: string };
    const tell = async (path: string) => {
      const answer = await fetch(`${pages}/lab/${path}`, { method: 'POST' });
      if (!answer.ok) throw new Error(await answer.text());
    };
    const show = (change: Record<string, unknown>) => tell(`show?show=${encodeURIComponent(JSON.stringify(change))}`);
    await use({
      pages,
      foreign,
      show,
      async live(historyS = 4) {
        await tell(`live?history=${historyS}`);
        await show({ state: 'live' });
      },
      freeze: (on) => tell(`freeze?on=${on ? 1 : 0}`),
      async end() {
        await tell('end');
        await show({ state: 'ended' });
      },
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    await gone;
  },
});

export const status = (page: Page) =>
  page.evaluate(() => {
    const player = document.querySelector('openair-player');
    return player && 'status' in player ? (player.status as PlayerStatus | null) : null;
  });

export const video = <Key extends keyof HTMLVideoElement>(page: Page, key: Key) =>
  page.evaluate((name) => document.querySelector('video')?.[name as 'currentTime'], key) as Promise<
    HTMLVideoElement[Key]
  >;
