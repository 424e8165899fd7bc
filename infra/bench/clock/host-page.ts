import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { BLOCK_PX, CLOCK_BITS } from './clock-bits.ts';

const PAGE = `<!doctype html><meta charset="utf-8"><title>clock host</title>
<style>html{background:#111}canvas{width:640px}</style><canvas width="1280" height="720"></canvas>
<script src="/livekit-client.js"></script><script>
const canvas = document.querySelector('canvas'), pen = canvas.getContext('2d', { alpha: false });
let at = 0;
function draw() {
  at += 1;
  for (let i = 0; i < 40; i++) { pen.fillStyle = 'hsl(' + ((at * 3 + i * 37) % 360) + ' 50% ' + (30 + (i % 5) * 10) + '%)'; pen.fillRect((i * 97 + at * 7) % 1280, 60 + (i * 61) % 640, 120, 60); }
  const now = Date.now();
  for (let bit = 0; bit < ${CLOCK_BITS}; bit++) {
    pen.fillStyle = Math.floor(now / 2 ** (${CLOCK_BITS} - 1 - bit)) % 2 ? '#fff' : '#000';
    pen.fillRect(bit * ${BLOCK_PX}, 0, ${BLOCK_PX}, ${BLOCK_PX});
  }
}
setInterval(draw, 1000 / 30);
window.publish = async (url, token) => {
  const { Room, Track } = LivekitClient;
  const room = new Room({ dynacast: false, adaptiveStream: false });
  await room.connect(url, token);
  const sound = new AudioContext(), tone = sound.createOscillator(), out = sound.createMediaStreamDestination(), gain = sound.createGain();
  tone.frequency.value = 440; gain.gain.value = 0.2; tone.connect(gain).connect(out); tone.start(); await sound.resume();
  await room.localParticipant.publishTrack(canvas.captureStream(30).getVideoTracks()[0], { source: Track.Source.Camera, simulcast: false, videoEncoding: { maxBitrate: 2500000, maxFramerate: 30 } });
  await room.localParticipant.publishTrack(out.stream.getAudioTracks()[0], { source: Track.Source.Microphone });
  window.room = room;
};
window.unpublish = () => window.room && window.room.disconnect();
</script>`;

/** Serves a page that publishes the clock picture and a tone, as a browser host does; loopback only, a port of the system's choice. */
export async function serveHostPage(): Promise<{ url: string; close(): void }> {
  const client = readFileSync('node_modules/livekit-client/dist/livekit-client.umd.js');
  const server = createServer((request, response) => {
    const script = request.url === '/livekit-client.js';
    response.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' }).end(script ? client : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

/** Puts the host on air; `token` is the answer of `…/host-token`. */
export async function publishFrom(
  page: Page,
  hostUrl: string,
  { livekitUrl, token }: { livekitUrl: string; token: string },
): Promise<void> {
  await page.goto(hostUrl);
  await page.evaluate(
    ([url, grant]) =>
      (window as unknown as { publish(u: string, t: string): Promise<void> }).publish(url as string, grant as string),
    [livekitUrl, token],
  );
}
