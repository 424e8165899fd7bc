import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EgressService } from '../egress-service.ts';
import { egressPage, listPage, PAGE_HEADERS, worksPart } from './page.ts';

type Service = Pick<EgressService, 'inspect' | 'picture'>;

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;
const LOCAL_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/**
 * `/inspect` (also `.json`): what runs; `/inspect/{egressId}`, `.json`, `.jpg`, and `/inspect/{egressId}/works`, the part of the page that
 * refreshes itself. It shows pictures and names of people, so only this machine may ask, and only by a local name (a page elsewhere could
 * point a name of its own at 127.0.0.1).
 */
export async function answerInspect(service: Service, request: IncomingMessage, response: ServerResponse) {
  const send = (status: number, type: string, body: string | Uint8Array) =>
    void response.writeHead(status, { 'content-type': type, ...PAGE_HEADERS }).end(body);
  const json = (status: number, value: unknown) =>
    send(status, 'application/json', `${JSON.stringify(value, null, 2)}\n`);
  const html = (status: number, body: string) => send(status, 'text/html; charset=utf-8', body);

  if (!LOOPBACK.test(request.socket.remoteAddress ?? '') || !LOCAL_HOST.test(request.headers.host ?? '')) {
    return json(403, {
      error: 'The inspect page answers on the machine itself only: ask 127.0.0.1, or use an SSH tunnel.',
    });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { error: 'Only GET is answered here.' });
  const [, , name = '', part] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
  const running = service.inspect();
  const path = (request.url ?? '').split('?')[0];
  if (path === '/inspect' || path === '/inspect/') return html(200, listPage(running));
  if (path === '/inspect.json') return json(200, running);
  const [, egressId = '', extension] = /^(.*?)(\.json|\.jpg)?$/.exec(decode(name)) ?? [];
  const egress = running.find((one) => one.egressId === egressId);
  if (!egress) {
    if (extension) return json(404, { error: 'No such egress runs here.' });
    return html(404, listPage(running, egressId));
  }
  if (extension === '.json') return json(200, egress);
  if (extension === '.jpg') {
    const jpeg = await service.picture(egressId).catch(() => null);
    return jpeg ? send(200, 'image/jpeg', jpeg) : json(404, { error: 'This egress has no picture just now.' });
  }
  return html(200, part === 'works' ? worksPart(egress) : egressPage(egress));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
