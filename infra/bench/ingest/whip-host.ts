import type { Browser } from '@playwright/test';
import { serveHostPage } from '../clock/host-page.ts';
import { KEEP_NAMES } from '../clock/read-clock.ts';

/** A page that publishes the clock picture and a tone by WHIP. @returns what ends it, and when its session was asked for */
export async function publishByWhip(
  browser: Browser,
  whip: { url: string; bearerToken: string },
): Promise<{ connectedAtMs: number; stop(): Promise<void> }> {
  const host = await serveHostPage();
  const page = await browser.newPage();
  await page.addInitScript({ content: KEEP_NAMES });
  await page.goto(host.url);
  const connectedAtMs = await page.evaluate(
    async ([url, token]) => {
      const canvas = document.querySelector('canvas');
      if (!canvas) throw new Error('the page has no canvas');
      const peer = new RTCPeerConnection();
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      const out = sound.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      const [picture] = canvas.captureStream(30).getVideoTracks();
      const [track] = out.stream.getAudioTracks();
      if (!picture || !track) throw new Error('the page has no tracks');
      const video = peer.addTransceiver(picture, { direction: 'sendonly', sendEncodings: [{ maxBitrate: 2_500_000 }] });
      const h264 = RTCRtpSender.getCapabilities('video')?.codecs.filter((one) => /h264/i.test(one.mimeType)) ?? [];
      if (h264.length > 0) video.setCodecPreferences(h264);
      peer.addTransceiver(track, { direction: 'sendonly' });
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise<void>((resolve) => {
        if (peer.iceGatheringState === 'complete') return resolve();
        peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && resolve());
      });
      const asked = Date.now();
      const answer = await fetch(url as string, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
        body: peer.localDescription?.sdp,
      });
      if (answer.status !== 201) throw new Error(`WHIP answered ${answer.status}: ${await answer.text()}`);
      await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
      Object.assign(window, { peer });
      return asked;
    },
    [whip.url, whip.bearerToken],
  );
  return {
    connectedAtMs,
    async stop() {
      await page.close();
      host.close();
    },
  };
}
