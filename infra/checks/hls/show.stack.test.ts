import { afterEach, describe, expect, test } from 'vitest';
import { api, type BroadcastAnswer, eventually, openInstall } from '../../bench/lib/install.ts';
import { decodeWithFfmpeg, playWithGstreamer, probe } from './outside-eyes.ts';
import { readPlaylist } from './playlist.ts';
import { changeFaults, playlistFaults } from './rules.ts';
import { watchRun } from './watch-run.ts';

/** Live runs of the real engine under the validator and under demuxers that are none of ours. */
const install = openInstall();
const open: string[] = [];

const LADDER = [
  { id: '360p', height: 360, bitrateKbps: 600 },
  { id: '240p', height: 240, bitrateKbps: 300 },
  { id: '160p', height: 160, bitrateKbps: 150 },
];

/** A show on its slate, playable. */
async function air(latency: string, rungs: typeof LADDER) {
  const handle = `check-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Check' });
  const made = await api<BroadcastAnswer & { playback: { hls: string; dash: string } }>(
    install,
    'POST',
    `/channels/${handle}/broadcasts`,
    { title: 'Check', latency, program: { rungs } },
  );
  open.push(made.id);
  await api(install, 'POST', `/broadcasts/${made.id}/start`, { openOnSlate: true });
  await eventually('a DASH manifest', async () => (await fetch(made.playback.dash)).ok, 60_000);
  return { id: made.id, ...made.playback };
}
async function end(id: string): Promise<void> {
  await api(install, 'POST', `/broadcasts/${id}/end`);
  await eventually(
    'the end',
    async () => (await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${id}`)).state === 'ended',
  );
}
afterEach(async () => {
  for (const id of open.splice(0)) await api(install, 'POST', `/broadcasts/${id}/end`).catch(() => undefined);
});

describe('a live show of the real engine', () => {
  test('keeps every rule of HLS over a run with three rungs, is read by FFmpeg and GStreamer, live and after', async () => {
    const show = await air('low', LADDER);
    const report = await watchRun(show.hls, { seconds: 20 });
    expect(report.faults).toEqual([]);
    expect(report.renditions.toSorted()).toEqual(['160p', '240p', '360p', 'audio']);
    expect(report.versions).toBeGreaterThan(100);
    expect(report.deltas).toBeGreaterThan(3);
    expect(report.addresses).toBeGreaterThan(200);

    for (const url of [show.hls, show.dash]) {
      const { pictures, sounds, complaints } = await decodeWithFfmpeg(url, 4);
      expect([pictures > 100, sounds > 150, complaints]).toEqual([true, true, '']);
    }
    await playWithGstreamer(show.hls, 'hlsdemux', 120);
    await playWithGstreamer(show.dash, 'dashdemux', 120);

    const lists = ['360p', '240p', '160p', 'audio'].map((id) => show.hls.replace('index.m3u8', `${id}/media.m3u8`));
    const read = async (url: string) => readPlaylist(await (await fetch(url)).text());
    const before = await Promise.all(lists.map(read));
    await end(show.id);
    await eventually('the recording', async () => {
      const found = await api<{ state: string }>(install, 'GET', `/broadcasts/${show.id}/recording`);
      return found.state === 'ready';
    });
    for (const [i, url] of lists.entries()) {
      const after = await eventually('the end mark', async () => {
        const list = await read(url);
        return list.ended && list;
      });
      expect(playlistFaults(after)).toEqual([]);
      const known = before[i];
      if (known) expect(changeFaults({ ...known, hint: null }, after)).toEqual([]);
    }
    const [hls, dash] = await Promise.all([probe(show.hls), probe(show.dash)]);
    for (const { streams } of [hls, dash]) {
      expect(new Set(streams.map(({ codec_name }) => codec_name))).toEqual(new Set(['h264', 'aac']));
    }
    // FFmpeg reads the whole seconds of a manifest's duration only.
    expect(dash.durationS).toBe(Math.floor(hls.durationS));
  }, 240_000);

  test.each([
    ['ultra', 0.10667, 1],
    ['standard', null, 4],
  ] as const)(
    'keeps them in the latency mode %s',
    async (latency, partS, targetS) => {
      const show = await air(latency, LADDER.slice(2));
      const report = await watchRun(show.hls, { seconds: 20 });
      expect(report.faults).toEqual([]);
      expect(report.versions).toBeGreaterThan(latency === 'ultra' ? 150 : 5);
      const list = readPlaylist(await (await fetch(show.hls.replace('index.m3u8', '160p/media.m3u8'))).text());
      expect([list.partTargetS, list.targetS, list.canBlock]).toEqual([partS, targetS, partS !== null]);
      expect((await decodeWithFfmpeg(show.dash, 3)).pictures).toBeGreaterThan(60);
    },
    120_000,
  );
});
