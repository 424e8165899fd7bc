import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { childEnvironment } from '../config.ts';
import type { Decision } from '../publish/decide.ts';
import { parseVideoTags, type VideoTag } from '../publish/flv.ts';
import { PicturePath } from '../publish/picture.ts';
import { TranscodeLeave } from '../publish/transcode-leave.ts';
import { type OpenedSource, openSource } from './open-source.ts';
import { readPullUrl } from './pull-url.ts';
import type { SourceEnd } from './source/messages.ts';
import { SourceProcesses } from './source-process.ts';
import { createTargetGuard } from './target-guard.ts';
import { startCamera } from './test-rtsp.ts';

/** Real sources read by the real process; needs ffmpeg for the films, and no install. */
const processes = new SourceProcesses(childEnvironment());
afterAll(() => processes.close());

const WITHIN = { timeout: 20_000, interval: 50 };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'openair-pull-'));
  const film = '-hide_banner -loglevel error -y -f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine -t 2'.split(
    ' ',
  );
  const codecs = '-pix_fmt yuv420p -c:v libx264 -preset ultrafast -g 25 -bf 0 -c:a aac'.split(' ');
  execFileSync('ffmpeg', [...film, ...codecs, '-movflags', '+faststart', join(folder, 'film.mp4')]);
  const encoders = { hevc: ['libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1'], av1: ['libsvtav1', '-preset', '12'] };
  for (const [name, encoder] of Object.entries(encoders)) {
    const coded = ['-pix_fmt', 'yuv420p', '-c:v', ...encoder, '-g', '25', '-c:a', 'aac'];
    execFileSync('ffmpeg', [...film, ...coded, join(folder, `${name}.mp4`)], { stdio: 'ignore' });
  }
  execFileSync('ffmpeg', [
    ...film,
    ...codecs,
    ...['-f', 'hls', '-hls_time', '1', '-hls_playlist_type', 'vod', join(folder, 'show.m3u8')],
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Files of the folder, with ranges, as any web server gives them. */
const files: RequestListener = (request, response) => {
  const path = join(folder, (request.url ?? '').split('?')[0] ?? '');
  const { size } = statSync(path);
  const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
  const end = to === '' ? size - 1 : Number(to);
  const head = { 'accept-ranges': 'bytes', 'content-length': end - Number(from) + 1 };
  if (request.headers.range) response.writeHead(206, { ...head, 'content-range': `bytes ${from}-${end}/${size}` });
  else response.writeHead(200, head);
  createReadStream(path, { start: Number(from), end }).pipe(response);
};

/** Takes what the process wrote through the picture path of a media child. */
function decode() {
  const sent: boolean[] = [];
  const decisions: Decision[] = [];
  const leave: TranscodeLeave = new TranscodeLeave(() => leave.answer(''));
  const path = new PicturePath({
    // What only announces the track is no picture.
    write: (data, _ptsMs, isKey) => void (data.length > 40 && sent.push(isKey)),
    log: () => undefined,
    fps: () => 25,
    onDecision: (decision) => void decisions.push(decision),
    isBusy: () => false,
    wish: null,
    leave,
  });
  closing.push(() => path.close());
  return { path, sent, decisions };
}

/** Pulls until it ends; the operator allows loopback except `denied` ports. */
async function pull(text: string, deniedPort = 1, onPicture: (tag: VideoTag, ms: number) => void = () => undefined) {
  const from = readPullUrl(text);
  if (typeof from === 'string') throw new Error(from);
  const seen = { pictures: 0, configured: 0, lastMs: 0, wentBack: false, end: null as SourceEnd | null };
  const source: OpenedSource = await openSource(
    from,
    createTargetGuard('127.0.0.0/8', String(deniedPort)),
    {
      onOpened: () => undefined,
      onTag(type, timestampMs, body) {
        if (type !== 9) return;
        for (const tag of parseVideoTags(body)) {
          onPicture(tag, timestampMs);
          if (tag.kind === 'config') seen.configured += 1;
          if (tag.kind !== 'frame') continue;
          seen.pictures += 1;
          if (timestampMs < seen.lastMs) seen.wentBack = true;
          seen.lastMs = timestampMs;
        }
      },
      onOver: (end) => {
        seen.end = end;
      },
    },
    processes,
  );
  closing.push(() => source.close());
  return { seen, source };
}

test.each(['film.mp4', 'show.m3u8'])('%s plays at its own speed to its end', async (name) => {
  const port = await serve(files);
  const begun = performance.now();
  const { seen } = await pull(`http://127.0.0.1:${port}/${name}`);
  await vi.waitUntil(() => seen.end !== null, WITHIN);
  expect(seen).toMatchObject({ end: 'finished', wentBack: false });
  expect(seen.configured).toBeGreaterThan(0);
  expect(seen.pictures).toBeGreaterThanOrEqual(48);
  expect(performance.now() - begun).toBeGreaterThan(1_300);
});

test.each(['hevc', 'av1'])('%s in the enhanced form of FLV is transcoded to H.264', async (codec) => {
  const port = await serve(files);
  const { path, sent, decisions } = decode();
  await pull(`http://127.0.0.1:${port}/${codec}.mp4`, 1, (tag, mediaMs) => path.push(tag, { outMs: mediaMs, mediaMs }));
  await vi.waitUntil(() => sent.length > 20, WITHIN);
  expect(sent[0]).toBe(true);
  expect(decisions).toMatchObject([{ mode: 'transcode', advice: expect.stringContaining('H.264') }]);
});

test('a looped film begins again, on a clock that goes on', async () => {
  const port = await serve(files);
  const { seen } = await pull(`http://127.0.0.1:${port}/film.mp4#loop`);
  await vi.waitUntil(() => seen.pictures > 120, WITHIN);
  expect(seen).toMatchObject({ end: null, wentBack: false });
  expect(seen.lastMs).toBeGreaterThan(4_500);
});

test('an RTSP camera is read over one connection, and one that goes away is told as lost', async () => {
  const camera = await startCamera(join(folder, 'film.mp4'), join(folder, 'camera.sdp'));
  closing.push(() => camera.close());
  const { seen, source } = await pull(camera.url);
  await vi.waitUntil(() => seen.pictures > 60, WITHIN);
  expect(seen).toMatchObject({ end: null, wentBack: false });
  expect(seen.configured).toBeGreaterThan(0);
  expect(camera.requests).toEqual(expect.arrayContaining(['DESCRIBE', 'SETUP', 'PLAY']));
  expect(source.refusal()).toBeNull();
  camera.close();
  await vi.waitUntil(() => seen.end !== null, WITHIN);
  expect(seen.end).toBe('lost');
});

test('an RTSP address inside is refused before anybody is asked', async () => {
  await expect(pull('rtsp://10.0.0.1/camera')).rejects.toThrow(/not public/);
  await expect(pull('rtsp://127.0.0.1:9/camera', 9)).rejects.toThrow(/own/);
});

test('a redirect into forbidden land is refused, and nothing is touched there', async () => {
  const inner = vi.fn<RequestListener>((_request, response) => void response.end('secret'));
  const innerPort = await serve(inner);
  const port = await serve((_request, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${innerPort}/latest/meta-data` }).end(),
  );
  const { seen, source } = await pull(`http://127.0.0.1:${port}/film.mp4`, innerPort);
  await vi.waitUntil(() => seen.end !== null, WITHIN);
  expect(source.refusal()).toContain('own');
  expect(inner).not.toHaveBeenCalled();
});

test('a playlist that names forbidden addresses or files gets nothing of them', async () => {
  const inner = vi.fn<RequestListener>((_request, response) => void response.end('secret'));
  const innerPort = await serve(inner);
  const segments = readFileSync(join(folder, 'show.m3u8'), 'utf8').match(/^\w+\.ts$/gm) ?? [];
  const nested = (target: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.0,\n${target}\n#EXT-X-ENDLIST\n`;
  for (const target of [
    `http://127.0.0.1:${innerPort}/a.ts`,
    'http://169.254.169.254/latest/a.ts',
    'file:///etc/passwd',
    `tcp://127.0.0.1:${innerPort}`,
  ]) {
    const port = await serve((_request, response) => void response.end(nested(target)));
    const { seen } = await pull(`http://127.0.0.1:${port}/show.m3u8`, innerPort);
    await vi.waitUntil(() => seen.end !== null, WITHIN);
    expect(seen.pictures).toBe(0);
  }
  expect(segments.length).toBeGreaterThan(0);
  expect(inner).not.toHaveBeenCalled();
});

test.each([
  ['nothing there', ((_request, response) => response.writeHead(404).end()) as RequestListener, 'not-found'],
  ['no right to it', ((_request, response) => response.writeHead(403).end()) as RequestListener, 'forbidden'],
  [
    'no media',
    ((_request, response) => response.end('<html>hello</html>'.repeat(200))) as RequestListener,
    'not-media',
  ],
] as const)('%s is told as what it is', async (_name, listener, end) => {
  const port = await serve(listener);
  const { seen } = await pull(`http://127.0.0.1:${port}/film.mp4`);
  await vi.waitUntil(() => seen.end !== null, WITHIN);
  expect(seen.end).toBe(end);
});
