import { expect, test } from 'vitest';
import { api, type BroadcastAnswer, eventually, openInstall } from '../../infra/bench/lib/install.ts';

const install = openInstall();

/** Segment numbers, wall clocks and lengths of the closed segments of a media playlist, by number. */
function segmentsOf(playlist: string): Map<number, { at: number; seconds: number }> {
  const found = new Map<number, { at: number; seconds: number }>();
  let msn = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1]);
  let at = Number.NaN;
  let seconds = Number.NaN;
  for (const line of playlist.split('\n')) {
    const [name, value = ''] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)];
    if (name === '#EXT-X-PROGRAM-DATE-TIME') at = Date.parse(value);
    else if (name === '#EXTINF') seconds = Number.parseFloat(value);
    else if (line !== '' && !line.startsWith('#')) {
      found.set(msn++, { at, seconds });
      at += seconds * 1000;
    }
  }
  return found;
}

test('a ladder of three is chosen through the API and played with the same segments in every rung', async () => {
  const handle = `ladder-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Ladder' });
  const broadcast = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, {
    title: 'Ladder',
    program: { rungs: ['480p', '360p', '160p'] },
  });
  try {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/start`, { openOnSlate: true });
    const hls = broadcast.playback.hls;
    const text = async (url: string) => {
      const answer = await fetch(url);
      return answer.ok ? answer.text() : '';
    };
    const master = await eventually('the multivariant playlist', async () => {
      const found = await text(hls);
      return found.includes('160p/media.m3u8') && found;
    });
    const variants = [...master.matchAll(/RESOLUTION=(\d+x\d+),FRAME-RATE=([\d.]+)/g)].map(([, size, fps]) => [
      size,
      fps,
    ]);
    expect(variants).toEqual([
      ['854x480', '30.000'],
      ['640x360', '30.000'],
      ['284x160', '15.000'],
    ]);
    const ids = ['480p', '360p', '160p'];
    const lists = await eventually('five segments in every rung', async () => {
      const all = await Promise.all(ids.map((id) => text(hls.replace('index.m3u8', `${id}/media.m3u8`))));
      const read = all.map(segmentsOf);
      return read.every(({ size }) => size >= 5) && read;
    });
    const [first = new Map(), ...others] = lists;
    for (const other of others) {
      const both = [...first].filter(([msn]) => other.has(msn));
      expect(both.length).toBeGreaterThan(2);
      for (const [msn, segment] of both) expect(other.get(msn)).toEqual(segment);
    }
  } finally {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/end`);
  }
});
