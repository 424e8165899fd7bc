import { test as base, expect, type Page } from '@playwright/test';
import { publishFrom, serveHostPage } from '../bench/clock/host-page.ts';
import { startReading, takeReading } from '../bench/clock/read-clock.ts';
import { type Encoder, startEncoder } from '../bench/clock/rtmp-source.ts';
import { api, type BroadcastAnswer, eventually, type Install, openInstall } from '../bench/lib/install.ts';

/** A channel of its own for one test, and the ways on air that people have. */
export type Stage = {
  install: Install;
  handle: string;
  makeBroadcast(title: string): Promise<BroadcastAnswer>;
  broadcast(id: string): Promise<BroadcastAnswer>;
  /** Connects an encoder with the channel's key. */
  connectEncoder(options?: { gop?: number; bFrames?: number; key?: string }): Promise<Encoder>;
  start(id: string): Promise<BroadcastAnswer>;
  end(id: string): Promise<void>;
  signIn(page: Page): Promise<void>;
};

export const test = base.extend<{ stage: Stage }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern
  stage: async ({}, use) => {
    const install = openInstall();
    const handle = `e2e-${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;
    await api(install, 'POST', '/channels', { handle, name: 'Test channel' });
    const encoders: Encoder[] = [];
    const made: string[] = [];
    const broadcast = (id: string) => api<BroadcastAnswer>(install, 'GET', `/broadcasts/${id}`);
    await use({
      install,
      handle,
      broadcast,
      async makeBroadcast(title) {
        const answer = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, {
          title,
          visibility: 'public',
        });
        made.push(answer.id);
        return answer;
      },
      async connectEncoder({ key, ...options } = {}) {
        const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(
          install,
          'GET',
          `/channels/${handle}/ingest`,
        );
        const encoder = startEncoder({
          url: `${rtmp.url}/${key ?? rtmp.streamKey}`,
          width: 640,
          height: 360,
          ...options,
        });
        encoders.push(encoder);
        return encoder;
      },
      async start(id) {
        await api(install, 'POST', `/broadcasts/${id}/start`);
        return eventually('the broadcast is live', async () => {
          const seen = await broadcast(id);
          return seen.state === 'live' ? seen : null;
        });
      },
      async end(id) {
        await api(install, 'POST', `/broadcasts/${id}/end`);
        await eventually('the broadcast has ended', async () => (await broadcast(id)).state === 'ended');
      },
      async signIn(page) {
        const { email, password } = install.credentials.admin;
        const answer = await page.request.post(`${install.credentials.url}/api/v1/session`, {
          data: { email, password },
          headers: { origin: install.credentials.url },
        });
        expect(answer.ok(), await answer.text()).toBe(true);
      },
    });
    for (const encoder of encoders) await encoder.stop();
    for (const id of made) {
      if ((await broadcast(id)).state !== 'ended') await api(install, 'POST', `/broadcasts/${id}/end`).catch(() => {});
    }
  },
});

/** Waits until the page's first video presents moving clocks, with sound decoded beside them. */
export async function expectMovingClock(page: Page): Promise<void> {
  await page.locator('video').first().waitFor({ state: 'attached' });
  await startReading(page);
  await expect
    .poll(async () => new Set((await takeReading(page)).samples.map(({ atMs, latencyMs }) => atMs - latencyMs)).size, {
      message: 'different clocks seen in the picture',
      timeout: 40_000,
    })
    .toBeGreaterThan(30);
  await expectSound(page);
}

/** Waits until the picture of the page's first video changes, whatever it shows. */
export async function expectMovingPicture(page: Page): Promise<void> {
  await page.locator('video').first().waitFor({ state: 'attached' });
  await expect
    .poll(() => page.evaluate(() => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0), {
      timeout: 40_000,
    })
    .toBeGreaterThan(30);
  const look = () =>
    page.evaluate(() => {
      const video = document.querySelector('video');
      const canvas = document.createElement('canvas');
      canvas.width = 64;
      canvas.height = 36;
      const pen = canvas.getContext('2d');
      if (!video || !pen) return '';
      pen.drawImage(video, 0, 0, 64, 36);
      return Array.from(pen.getImageData(0, 0, 64, 36).data).join();
    });
  const first = await look();
  await expect.poll(look).not.toBe(first);
}

export async function expectSound(page: Page): Promise<void> {
  const decoded = () =>
    page.evaluate(() => {
      const video = document.querySelector('video');
      return video && 'webkitAudioDecodedByteCount' in video ? Number(video.webkitAudioDecodedByteCount) : 0;
    });
  const before = await decoded();
  await expect.poll(decoded, { message: 'bytes of sound decoded' }).toBeGreaterThan(before);
}

export { expect, publishFrom, serveHostPage };
