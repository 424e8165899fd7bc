import type { Page } from '@playwright/test';
import { api } from '../bench/lib/install.ts';
import { expect, expectMovingPicture, expectSound, test } from './stage.ts';

type Whip = { url: string; bearerToken: string };

/** As a streamer's own page does, with the camera of the test browser. */
function publish(page: Page, whip: Whip, encodings: RTCRtpEncodingParameters[]) {
  return page.evaluate(
    async ({ url, token, sizes }) => {
      const media = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 }, audio: true });
      const peer = new RTCPeerConnection();
      for (const track of media.getTracks()) {
        const sendEncodings = track.kind === 'video' ? sizes : [{}];
        peer.addTransceiver(track, { direction: 'sendonly', streams: [media], sendEncodings });
      }
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise<void>((resolve) => {
        if (peer.iceGatheringState === 'complete') return resolve();
        peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && resolve());
      });
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
        body: peer.localDescription?.sdp,
      });
      if (response.status === 201) await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
      Object.assign(window, { peer });
      return { status: response.status, location: response.headers.get('location') };
    },
    { url: whip.url, token: whip.bearerToken, sizes: encodings },
  );
}

test('a page that publishes by WHIP is seen and heard, and is gone when it says so', async ({
  stage,
  page,
  context,
}) => {
  const { whip } = await api<{ whip: Whip }>(stage.install, 'GET', `/channels/${stage.handle}/ingest`);
  const broadcast = await stage.makeBroadcast('By WHIP');
  const publisher = await context.newPage();
  await publisher.goto(`${stage.install.credentials.url}/sign-in`);
  const answer = await publish(publisher, whip, [{}]);
  expect(answer.status).toBe(201);
  await stage.start(broadcast.id);
  await page.goto(broadcast.watchUrl);
  await expectMovingPicture(page);
  await expectSound(page);

  const refused = await fetch(whip.url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization: 'Bearer live_nobody_has_this_key' },
    body: 'v=0\r\n',
  });
  expect(refused.status).toBe(401);
  const gone = await fetch(new URL(answer.location ?? '', whip.url), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${whip.bearerToken}` },
  });
  expect(gone.status).toBe(200);
});

test('a page that offers its picture in several sizes sends the largest, and no other', async ({ stage, page }) => {
  const { whip } = await api<{ whip: Whip }>(stage.install, 'GET', `/channels/${stage.handle}/ingest`);
  await page.goto(`${stage.install.credentials.url}/sign-in`);
  const answer = await publish(page, whip, [
    { rid: 'q', scaleResolutionDownBy: 4 },
    { rid: 'h', scaleResolutionDownBy: 2 },
    { rid: 'f' },
  ]);
  expect(answer.status).toBe(201);
  const sent = () =>
    page.evaluate(async () => {
      const { peer } = window as unknown as { peer: RTCPeerConnection };
      const stats = [...(await peer.getStats()).values()];
      const pictures = stats.filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video');
      return pictures.filter(({ framesSent }) => framesSent > 30).map(({ rid, frameWidth }) => ({ rid, frameWidth }));
    });
  await expect.poll(sent, { timeout: 30_000 }).toEqual([{ rid: 'f', frameWidth: 640 }]);
  // The room has it: livekit-server reports back on a picture that it takes.
  const received = () =>
    page.evaluate(async () => {
      const { peer } = window as unknown as { peer: RTCPeerConnection };
      const stats = [...(await peer.getStats()).values()];
      return stats.filter(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video').length;
    });
  await expect.poll(received, { timeout: 30_000 }).toBe(1);
});
