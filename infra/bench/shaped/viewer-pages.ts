import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { filesForPages } from '../../../player/build.mjs';

/** Serves the pages that are compared: our element, and hls.js as it comes with every setting of its own. */
export async function serveViewerPages(): Promise<{ base: string; close(): void }> {
  const files = new Map((await filesForPages()).map(({ path, text }) => [`/player/${path.split('/').at(-1)}`, text]));
  files.set('/hls.js', readFileSync('node_modules/hls.js/dist/hls.min.js', 'utf8'));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench');
    const script = files.get(pathname);
    if (script !== undefined) return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    const src = searchParams.get('src') ?? '';
    const body = pathname === '/ours' ? ours(src) : pathname === '/hlsjs' ? hlsJs(src) : '';
    response
      .writeHead(body === '' ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' })
      .end(`<!doctype html><meta charset="utf-8"><title>viewer</title><style>video{width:960px}</style>${body}`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const ours = (src: string) =>
  `<script src="/player/openair-first.js"></script><div style="width:960px"><openair-player src="${src}" autoplay muted><video slot="media" muted playsinline></video></openair-player></div>`;

const hlsJs = (src: string) => `<video muted autoplay playsinline></video><script src="/hls.js"></script><script>
  const hls = new Hls();
  hls.loadSource(${JSON.stringify(src)});
  hls.attachMedia(document.querySelector('video'));
  hls.on(Hls.Events.ERROR, (_name, data) => { if (data.fatal) setTimeout(() => hls.startLoad(), 500); });
</script>`;
