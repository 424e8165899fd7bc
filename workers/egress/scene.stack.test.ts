import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { api, type BroadcastAnswer, eventually, openInstall } from '../../infra/bench/lib/install.ts';
import { enterRoom } from '../../infra/bench/lib/room-person.ts';

const install = openInstall();
const run = promisify(execFile);

/** Publishes a camera of one brightness until it is closed. */
async function publish(broadcastId: string, name: string, luma: number): Promise<() => Promise<void>> {
  const identity = `host_${name}`;
  const { livekitUrl, token } = await api<{ livekitUrl: string; token: string }>(
    install,
    'POST',
    `/broadcasts/${broadcastId}/host-token`,
    { identity, name },
  );
  const person = await enterRoom(livekitUrl, token, {
    size: { width: 640, height: 360 },
    fps: 25,
    paint: (plane) => plane.fill(luma),
    silent: true,
  });
  return person.leave;
}

/** Brightness of the newest picture that is played: at the middle of its left and of its right half. */
async function halves(hls: string): Promise<[left: number, right: number]> {
  const args = ['-v', 'error', '-live_start_index', '-1', '-i', hls, '-frames:v', '1', '-an', '-vf', 'scale=64:36'];
  const options = { encoding: 'buffer', timeout: 20_000 } as const;
  const { stdout } = await run('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'], options);
  return [stdout[18 * 64 + 16] ?? -1, stdout[18 * 64 + 48] ?? -1];
}

test('scenes are changed on air by the API: the picture follows, with neither a break in time nor a new init segment', async () => {
  const handle = `scene-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Scene' });
  const broadcast = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, { title: 'Scene' });
  const leave = [await publish(broadcast.id, 'ada', 60), await publish(broadcast.id, 'bo', 200)];
  try {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
    const { hls } = broadcast.playback;
    const shows = (what: string, left: number, right: number) =>
      eventually(
        what,
        async () => {
          const seen = await halves(hls);
          // Whole range in grey: 60 is 51, 200 is 214.
          return Math.abs(seen[0] - left) < 14 && Math.abs(seen[1] - right) < 14 ? seen : null;
        },
        60_000,
      );
    const put = (scene: object) => api(install, 'PUT', `/broadcasts/${broadcast.id}/scene`, scene);
    await shows('both in a grid, in the order of joining', 51, 214);
    const slots = [{ identity: 'host_bo' }, { identity: 'host_ada' }];
    await put({ layout: 'side-by-side', slots, transition: { kind: 'fade', ms: 300 } });
    await shows('both side by side, in the order of the slots', 214, 51);
    const overlays = [
      { id: 'names', kind: 'lower-third', title: 'Ada Lovelace', subtitle: 'London' },
      { id: 'news', kind: 'ticker', text: 'Doors at seven' },
      { id: 'later', kind: 'hologram' },
    ];
    await put({ layout: 'single', slots: [{ identity: 'host_ada' }], overlays });
    await shows('one alone', 51, 51);
    await put({ layout: 'pip', slots });
    await shows('one in the picture of the other', 214, 214);
    const master = await (await fetch(hls)).text();
    const [rendition] = master.split('\n').filter((line) => line.endsWith('media.m3u8'));
    const list = await (await fetch(new URL(rendition ?? '', hls))).text();
    expect(list).not.toContain('#EXT-X-DISCONTINUITY\n');
    expect(list.match(/#EXT-X-MAP/g)).toHaveLength(1);
    const lengths = [...list.matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) => Number(seconds));
    expect(lengths.length).toBeGreaterThan(4);
    expect(lengths.every((seconds) => Math.abs(seconds - 1) < 0.01)).toBe(true);
  } finally {
    await Promise.all(leave.map((one) => one()));
    await api(install, 'POST', `/broadcasts/${broadcast.id}/end`);
  }
}, 240_000);
