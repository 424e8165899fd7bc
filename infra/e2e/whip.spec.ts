import { api } from '../bench/lib/install.ts';
import { expect, expectMovingPicture, expectSound, test } from './stage.ts';

test('a page that publishes by WHIP is seen and heard, and is gone when it says so', async ({
  stage,
  page,
  context,
}) => {
  const { whip } = await api<{ whip: { url: string; bearerToken: string } }>(
    stage.install,
    'GET',
    `/channels/${stage.handle}/ingest`,
  );
  const broadcast = await stage.makeBroadcast('By WHIP');
  const publisher = await context.newPage();
  await publisher.goto(`${stage.install.credentials.url}/sign-in`);
  const answer = await publisher.evaluate(
    async ([url, token]) => {
      const media = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 }, audio: true });
      const peer = new RTCPeerConnection();
      for (const track of media.getTracks()) peer.addTransceiver(track, { direction: 'sendonly', streams: [media] });
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise<void>((resolve) => {
        if (peer.iceGatheringState === 'complete') return resolve();
        peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && resolve());
      });
      const response = await fetch(url as string, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
        body: peer.localDescription?.sdp,
      });
      if (response.status === 201) await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
      Object.assign(window, { peer });
      return { status: response.status, location: response.headers.get('location') };
    },
    [whip.url, whip.bearerToken],
  );
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
