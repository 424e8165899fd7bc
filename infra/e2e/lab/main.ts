/**
 * A player's world without an install: the real origin over memory, a live show made by ffmpeg, a recording, pages that show the player.
 * Prints one line of JSON with its addresses, is driven by POST /lab/…, and ends when its standard input does.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { build } from 'esbuild';
import { playPath, signGrant } from '#core/playback/playback-grant';
import type { Show } from '#core/playback/show';
import { startTestOrigin } from '../../../app/_playback/fixtures/test-origin.contract.ts';
import { embedPage } from '../../../app/_ui/watch/embed-page.ts';
import { filesForPages } from '../../../player/build.mjs';
import { smallHls } from '../../../player/small-hls.mjs';
import { startLive } from './live.ts';
import { makeRecording } from './recording.ts';

const origin = await startTestOrigin();
const liveSrc = `${origin.base}/play/pb_show/index.m3u8`;
// The origin's clock is the machine's.
const clock = setInterval(() => origin.pass(Date.now() - origin.clock.now().getTime()), 20);
await origin.show({ state: 'scheduled' as Show['state'], title: 'A show' });
const recording = makeRecording();
const files = new Map((await filesForPages()).map(({ path, text }) => [`/player/${path.split('/').at(-1)}`, text]));
const reactPage = await bundleReact();
let live: ReturnType<typeof startLive> | null = null;

const TYPES: Record<string, string> = {
  js: 'text/javascript',
  vtt: 'text/vtt',
  m3u8: 'application/vnd.apple.mpegurl',
  mp4: 'video/mp4',
  m4s: 'video/mp4',
  jpg: 'image/jpeg',
};

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    response.writeHead(500).end(String(error));
  });
});
await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
const { port } = server.address() as AddressInfo;
console.log(JSON.stringify({ pages: `http://127.0.0.1:${port}`, foreign: `http://localhost:${port}`, live: liveSrc }));

process.stdin.resume();
process.stdin.on('end', async () => {
  clearInterval(clock);
  await live?.end();
  await origin.stop();
  server.closeAllConnections();
  server.close();
  rmSync(recording, { recursive: true, force: true });
  process.exit(0);
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://lab');
  const file = files.get(url.pathname);
  if (file !== undefined) return answer(response, 'text/javascript', file);
  if (url.pathname === '/react.js') return answer(response, 'text/javascript', reactPage);
  if (url.pathname.startsWith('/lab/')) return command(url, response);
  if (url.pathname === '/recording/beat') return void response.writeHead(204).end();
  if (url.pathname.startsWith('/recording/')) {
    const path = join(recording, normalize(url.pathname.slice('/recording/'.length)));
    return answer(response, TYPES[path.split('.').at(-1) ?? ''] ?? 'application/json', readFileSync(path));
  }
  const page = pageOf(url);
  if (page === null) return void response.writeHead(404).end();
  answer(response, 'text/html; charset=utf-8', page);
}

function answer(response: ServerResponse, type: string, body: string | Buffer): void {
  response
    .writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*', 'cache-control': 'no-store' })
    .end(body);
}

async function command(url: URL, response: ServerResponse): Promise<void> {
  const name = url.pathname.slice('/lab/'.length);
  if (name === 'show') await origin.show({ version: Date.now(), ...JSON.parse(url.searchParams.get('show') ?? '{}') });
  if (name === 'live') {
    live = startLive(origin, Number(url.searchParams.get('history') ?? 0));
    await live.whenThere;
  }
  if (name === 'freeze') live?.freeze(url.searchParams.get('on') === '1');
  if (name === 'rung') live?.rung(url.searchParams.get('id') ?? '', url.searchParams.get('on') === '1');
  if (name === 'end') await live?.end();
  if (name === 'revoke') await origin.revocations.revoke('pb_show', 'lab-viewer');
  answer(response, 'text/plain', 'done');
}

/** The live show for one viewer, by a grant that lives for some seconds and may be renewed for an hour. */
function grantedSrc(lifeS: number): string {
  const nowS = Math.floor(Date.now() / 1000);
  const grant = { expiresAtS: nowS + lifeS, renewUntilS: nowS + 3600, epoch: 0, viewer: 'lab-viewer' };
  return `${origin.base}${playPath('pb_show', signGrant(origin.signGrant, 'pb_show', grant))}/index.m3u8`;
}

/** `?src=live|recording|granted`, `dir`, `loud` (not muted), and the element's attributes as they are. */
function pageOf({ pathname, searchParams, origin: own }: URL): string | null {
  const wanted = searchParams.get('src');
  const granted = wanted === 'granted' ? grantedSrc(Number(searchParams.get('life') ?? 10)) : liveSrc;
  const src = wanted === 'recording' ? `/recording/index.m3u8` : granted;
  const given = [...searchParams].filter(([name]) => !['src', 'dir', 'life', 'loud'].includes(name));
  const attributes = given.map(([name, value]) => ` ${name}="${value}"`).join('');
  const frame = (body: string) =>
    `<!doctype html><html lang="${searchParams.get('lang') ?? 'en'}" dir="${searchParams.get('dir') ?? 'ltr'}"><head><meta charset="utf-8"><title>Lab</title><meta name="viewport" content="width=device-width"><style>html,body{margin:0;background:#fff}</style></head><body>${body}</body></html>`;
  const tracks =
    wanted !== 'recording' ? '' : '<track kind="captions" label="Deutsch" srclang="de" src="/recording/de.vtt">';
  const muted = searchParams.has('loud') ? '' : ' muted';
  const player = `<openair-player src="${src}"${muted}${attributes}><video slot="media"${muted} playsinline preload="auto" crossorigin="anonymous">${tracks}</video></openair-player>`;
  if (pathname === '/first')
    return frame(`<script src="/player/openair-first.js"></script><main><h1>Lab</h1>${player}</main>`);
  if (pathname === '/element') {
    return frame(`<script type="module" src="/player/openair-player.js"></script><main><h1>Lab</h1>${player}</main>`);
  }
  if (pathname === '/react') return frame('<main id="root"></main><script src="/react.js"></script>');
  if (pathname === '/frame') {
    return embedPage({
      lang: 'en',
      nonce: '',
      autoplay: true,
      title: 'A show',
      text: '',
      show: { src: liveSrc, origin: own },
    });
  }
  if (pathname === '/outside') {
    const inside = searchParams.get('inside') ?? '';
    return frame(
      `<h1>Outside</h1><iframe src="${inside}/frame" width="640" height="360" title="Player" allow="autoplay; fullscreen; picture-in-picture"></iframe><script src="/player/openair-embed-api.js"></script>`,
    );
  }
  return null;
}

/** A page whose player is the React component, bundled as somebody would. */
async function bundleReact(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createRoot } from 'react-dom/client';
        import { useRef } from 'react';
        import { OpenairPlayer } from './player/src/react/openair-player.tsx';
        function App() {
          const player = useRef(null);
          return <><OpenairPlayer ref={player} src={${JSON.stringify(liveSrc)}} title="React" onStatus={(s) => { window.seen = s; }} />
            <button onClick={() => player.current.pause()}>Pause from outside</button></>;
        }
        createRoot(document.getElementById('root')).render(<App />);`,
      resolveDir: process.cwd(),
      loader: 'tsx',
    },
    bundle: true,
    write: false,
    format: 'iife',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [smallHls],
  });
  return outputFiles[0]?.text ?? '';
}
