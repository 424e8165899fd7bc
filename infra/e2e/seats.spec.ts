import type { Page } from '@playwright/test';
import { RoomServiceClient } from 'livekit-server-sdk';
import { startReading, takeReading } from '../bench/clock/read-clock.ts';
import { percentile } from '../bench/lib/percentiles.ts';
import { status } from './lab/lab.ts';
import { expect, expectMovingClock, type Stage, test } from './stage.ts';

/** The lowest delay over WebRTC, on a watch page of a running install: what a viewer sees when a seat comes and goes. */
async function air(stage: Stage): Promise<{ watchUrl: string; id: string }> {
  const made = await stage.makeBroadcast('Seats');
  await stage.connectEncoder();
  await stage.start(made.id);
  return made;
}

const liveKit = ({ install: { env } }: Stage) =>
  new RoomServiceClient(env.LIVEKIT_URL ?? '', env.LIVEKIT_API_KEY, env.LIVEKIT_API_SECRET);

/** Notes at each of the page's frames what lies on top: the video with a picture, the picture that is held, or nothing at all. */
async function startLooking(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = { video: 0, still: 0, nothing: 0 };
    const look = () => {
      const video = document.querySelector('video');
      const skin = document.querySelector('openair-player')?.shadowRoot;
      const still = skin?.querySelector<HTMLElement>('.still');
      const poster = skin?.querySelector('.poster');
      const isVeiled = poster ? Number(getComputedStyle(poster).opacity) > 0.05 : false;
      if (still && !still.hidden) seen.still += 1;
      // While it seeks, a video shows its last picture.
      else if (!isVeiled && video && (video.readyState >= 2 || video.seeking) && video.videoWidth > 0) seen.video += 1;
      else seen.nothing += 1;
      requestAnimationFrame(look);
    };
    look();
    Object.assign(window, { seenFrames: seen });
  });
}
const seen = (page: Page) =>
  page.evaluate(() => (window as unknown as { seenFrames: Record<'video' | 'still' | 'nothing', number> }).seenFrames);

const seat = async (page: Page) => {
  const { seat: is } = (await status(page)) ?? {};
  return is ? `${is.state}${is.problem ? `: ${is.problem}` : ''}` : 'none';
};
const engine = (page: Page) =>
  page.evaluate(() => (document.querySelector('video')?.srcObject instanceof MediaStream ? 'webrtc' : 'hls'));

async function wish(page: Page): Promise<void> {
  // The controls are away while nothing moves.
  await page.locator('openair-player').hover();
  await page.locator('openair-player').getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByLabel('Lowest delay').check();
}
const expectSeat = (page: Page, state: string) => expect.poll(() => seat(page), { timeout: 45_000 }).toBe(state);
const press = async (page: Page, key: string) => {
  await page.locator('openair-player').focus();
  await page.keyboard.press(key);
};

/** Glass to glass, ms, by the clock in the picture, over as many frames. */
async function delayOf(page: Page, frames = 60): Promise<number> {
  await startReading(page);
  await expect.poll(async () => (await takeReading(page)).samples.length, { timeout: 40_000 }).toBeGreaterThan(frames);
  return percentile(
    (await takeReading(page)).samples.map(({ latencyMs }) => latencyMs),
    0.5,
  );
}

test('a viewer takes a seat, loses it and gets it again; the picture never goes, and nobody else’s code is loaded before', async ({
  stage,
  page,
}) => {
  test.setTimeout(240_000);
  const made = await air(stage);
  const room = `seat_${made.id}`;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(made.watchUrl);
  await expectMovingClock(page);
  const hlsMs = await delayOf(page);
  expect(asked.filter((url) => /seats\.js|\/rtc/.test(url))).toEqual([]);
  await startLooking(page);

  await test.step('a seat', async () => {
    await wish(page);
    await expectSeat(page, 'on');
    await expect(page.getByText('You see the show with the lowest delay.')).toBeVisible();
    await expect(page.getByLabel('Quality')).toBeHidden();
    expect(await engine(page)).toBe('webrtc');
    const seatMs = await delayOf(page);
    console.log(`glass to glass p50: seat ${Math.round(seatMs)} ms, LL-HLS just before ${Math.round(hlsMs)} ms`);
    expect(await page.locator('video').count()).toBe(1);
  });

  await test.step('the room is gone: HLS plays on, then there is a seat again', async () => {
    await liveKit(stage).deleteRoom(room);
    await expect.poll(() => engine(page)).toBe('hls');
    await expect.poll(async () => (await status(page))?.phase).toBe('playing');
    await expectSeat(page, 'on');
    await expect.poll(() => engine(page)).toBe('webrtc');
  });

  await test.step('back in the show and to the present again', async () => {
    await press(page, 'ArrowLeft');
    await expect.poll(() => engine(page)).toBe('hls');
    await expect.poll(async () => (await status(page))?.following).toBe(false);
    await expect.poll(async () => (await status(page))?.behindS ?? 0).toBeGreaterThan(3);
    await press(page, 'End');
    await expectSeat(page, 'on');
    await expect.poll(() => engine(page)).toBe('webrtc');
  });

  await test.step('paused, it gives the seat back', async () => {
    await press(page, 'k');
    await expect.poll(async () => [(await status(page))?.phase, await engine(page)]).toEqual(['paused', 'hls']);
    await expect
      .poll(async () => (await liveKit(stage).listParticipants(room)).map(({ identity }) => identity))
      .toEqual(['program']);
    await press(page, 'k');
    await press(page, 'End');
    await expectSeat(page, 'on');
  });

  await test.step('somebody of the team needs it', async () => {
    const viewers = (await liveKit(stage).listParticipants(room)).filter(({ identity }) => identity !== 'program');
    expect(viewers.length).toBe(1);
    await liveKit(stage).removeParticipant(room, viewers[0]?.identity ?? '');
    await expectSeat(page, 'away: takenBack');
    await expect.poll(() => engine(page)).toBe('hls');
    await expect.poll(async () => (await status(page))?.phase).toBe('playing');
  });

  const { nothing, still, video } = await seen(page);
  console.log(`frames of the page: ${video} of the video, ${still} of a held picture, ${nothing} of nothing`);
  expect(nothing).toBe(0);
  expect(still).toBeGreaterThan(0);
});

test('where no WebRTC comes through, and where every seat is taken, the show goes on and the menu says why', async ({
  stage,
  page,
  context,
}) => {
  const made = await air(stage);
  await page.addInitScript(() => {
    const Real = window.RTCPeerConnection;
    // A network that lets nothing out: no address of its own, no relay.
    window.RTCPeerConnection = class extends Real {
      constructor(settings?: RTCConfiguration) {
        super({ ...settings, iceServers: [], iceTransportPolicy: 'relay' });
      }
      override setConfiguration(settings: RTCConfiguration) {
        super.setConfiguration({ ...settings, iceServers: [], iceTransportPolicy: 'relay' });
      }
    };
  });
  await page.goto(made.watchUrl);
  await expectMovingClock(page);
  await startLooking(page);
  await wish(page);
  await expectSeat(page, 'away: unreachable');
  await expect(page.getByText('Your network lets no WebRTC through')).toBeVisible();
  expect([await engine(page), (await status(page))?.phase]).toEqual(['hls', 'playing']);
  expect((await seen(page)).nothing).toBe(0);
  await page.close();

  const other = await context.newPage();
  // The answer of a full house, word for word (take-seat.test.ts).
  await other.route('**/api/v1/broadcasts/*/seats', (route) =>
    route.fulfill({ status: 503, json: { error: { code: 'full', message: 'Every seat is taken.' } } }),
  );
  await other.goto(made.watchUrl);
  await expectMovingClock(other);
  await wish(other);
  await expectSeat(other, 'away: full');
  await expect(other.getByText('You get the next one that is free.')).toBeVisible();
  await test.step('and when one is free, it comes by itself', async () => {
    await other.unroute('**/api/v1/broadcasts/*/seats');
    await expectSeat(other, 'on');
    expect(await engine(other)).toBe('webrtc');
  });
});
