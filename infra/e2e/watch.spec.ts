import { eventually } from '../bench/lib/install.ts';
import { expect, expectMovingClock, publishFrom, serveHostPage, test } from './stage.ts';

test('an encoder over RTMP is seen and heard on the watch page, in two tabs at once', async ({
  stage,
  page,
  context,
}) => {
  const broadcast = await stage.makeBroadcast('RTMP show');
  await stage.connectEncoder();
  await stage.start(broadcast.id);
  await page.goto(broadcast.watchUrl);
  await expectMovingClock(page);
  const second = await context.newPage();
  await second.goto(broadcast.watchUrl);
  await expectMovingClock(second);
});

test('an encoder with B-frames and rare key frames is transcoded and seen', async ({ stage, page }) => {
  const broadcast = await stage.makeBroadcast('OBS as it comes');
  await stage.connectEncoder({ gop: 250, bFrames: 2 });
  await stage.start(broadcast.id);
  await page.goto(broadcast.watchUrl);
  await expectMovingClock(page);
});

test('a page that waits starts by itself, and the end of the show turns into its recording', async ({
  stage,
  page,
  context,
}) => {
  const broadcast = await stage.makeBroadcast('From start to recording');
  await page.goto(broadcast.watchUrl);
  await expect(page.getByText(/has not begun|starts here/i).first()).toBeVisible();

  const host = await serveHostPage();
  const hostPage = await context.newPage();
  const grant = await (
    await fetch(`${stage.install.credentials.url}/api/v1/broadcasts/${broadcast.id}/host-token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.install.credentials.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ identity: 'host_clock', name: 'Clock' }),
    })
  ).json();
  await publishFrom(hostPage, host.url, grant);
  await stage.start(broadcast.id);
  await expectMovingClock(page);
  const liveSince = Date.now();
  await expect.poll(() => Date.now() - liveSince, { timeout: 15_000 }).toBeGreaterThan(8_000);
  await stage.end(broadcast.id);
  await hostPage.close();
  host.close();
  await expect(page.getByText(/has ended/i).first()).toBeVisible({ timeout: 30_000 });

  const recording = await eventually(
    'the recording is ready',
    async () => {
      const answer = await fetch(`${stage.install.credentials.url}/api/v1/broadcasts/${broadcast.id}/recording`, {
        headers: { authorization: `Bearer ${stage.install.credentials.apiKey}` },
      });
      const body = (await answer.json()) as { state: string; duration: number; hls: string };
      return body.state === 'ready' ? body : null;
    },
    60_000,
  );
  const ended = (await stage.broadcast(broadcast.id)) as unknown as { startedAt: string; endedAt: string };
  expect(recording.duration).toBeGreaterThan(8);

  await page.reload();
  const video = page.locator('video').first();
  await expect.poll(() => video.evaluate((each: HTMLVideoElement) => each.duration)).toBeGreaterThan(8);
  const duration = await video.evaluate((each: HTMLVideoElement) => each.duration);
  expect(Math.abs(duration - recording.duration)).toBeLessThan(1);
  await video.evaluate((each: HTMLVideoElement) => {
    each.currentTime = 5;
  });
  await expectMovingClock(page);
  expect(Date.parse(ended.endedAt)).toBeGreaterThan(Date.parse(ended.startedAt));
});
