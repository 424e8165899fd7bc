import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Viewer } from './viewer.ts';

const MASTER = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nvideo.m3u8\n';
const HEAD = '#EXTM3U\n#EXT-X-TARGETDURATION:1\n';

const parts = (msn: number, count: number) =>
  Array.from({ length: count }, (_, part) => `#EXT-X-PART:DURATION=0.5,URI="${msn}.${part}.m4s"\n`).join('');
const segment = (msn: number) => `#EXTINF:1.0,\n${msn}.m4s\n`;

let close = () => {};
afterEach(() => close());

/** Serves one list after the other; the last one ends the show. @returns what was fetched, in order, and the viewer */
async function watch(lists: string[]): Promise<{ fetched: string[]; viewer: Viewer }> {
  const fetched: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    if (path === '/index.m3u8') return response.end(MASTER);
    if (path === '/video.m3u8') return response.end(lists.length > 1 ? lists.shift() : lists[0]);
    fetched.push(path.slice(1));
    return response.end('media');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => void server.close();
  const viewer = new Viewer(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.m3u8`);
  await viewer.open();
  await viewer.ended();
  return { fetched, viewer };
}

const END = '#EXT-X-ENDLIST\n';

test('a viewer takes whole what is no longer listed in parts, and misses nothing', async () => {
  const { fetched, viewer } = await watch([
    `${HEAD}#EXT-X-MEDIA-SEQUENCE:9\n${parts(9, 2)}${segment(9)}${parts(10, 1)}`,
    `${HEAD}#EXT-X-MEDIA-SEQUENCE:9\n${segment(9)}${segment(10)}${segment(11)}${parts(12, 2)}${segment(12)}${END}`,
  ]);
  expect(fetched).toEqual(['9.0.m4s', '9.1.m4s', '10.0.m4s', '10.m4s', '11.m4s', '12.0.m4s', '12.1.m4s']);
  expect(viewer.since(0)).toMatchObject({ problems: [], parts: 7 });
});

test('a viewer reports numbers that nothing in the list leads to', async () => {
  const { viewer } = await watch([
    `${HEAD}#EXT-X-MEDIA-SEQUENCE:10\n${parts(10, 1)}`,
    `${HEAD}#EXT-X-MEDIA-SEQUENCE:12\n${segment(12)}${parts(13, 2)}${segment(13)}${END}`,
  ]);
  expect(viewer.since(0).problems).toEqual(['after part 10.0 came 13.0']);
});

test('a segment that the list calls missing is not taken', async () => {
  const { fetched, viewer } = await watch([
    `${HEAD}#EXT-X-MEDIA-SEQUENCE:10\n${parts(10, 2)}${segment(10)}`,
    `${HEAD}#EXT-X-MEDIA-SEQUENCE:10\n${segment(10)}#EXT-X-GAP\n${segment(11)}${parts(12, 1)}${END}`,
  ]);
  expect(fetched).not.toContain('11.m4s');
  expect(viewer.since(0)).toMatchObject({ gaps: 1, problems: ['after part 10.1 came 12.0'] });
});
