import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { lookUp } from '../../../look-up.ts';

/** Whether an address may be connected to: the rules of the installation, handed in by the pipeline. */
export type AddressRule = (address: string, port: number, host: string) => boolean;

export const MAX_BYTES = 5 * 1024 * 1024;
const LIMIT_MS = 10_000;

/**
 * Fetches a picture once. The host is looked up once and the connection goes to the address that was checked (S-1, S-4); no redirect is
 * followed; size and time are bounded.
 * @throws Error whose message may be shown to the owner
 */
export async function fetchPicture(text: string, isAllowed: AddressRule, limitMs = LIMIT_MS): Promise<Buffer> {
  if (text.startsWith('data:')) return Buffer.from(text.slice(text.indexOf(',') + 1), 'base64');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error('only http and https addresses are fetched');
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port ? Number(url.port) : secure ? 443 : 80;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`no complete picture within ${limitMs / 1000} s`)), limitMs);
  try {
    const found = isIP(host) ? [host] : await raceAbort(lookUp(host), abort.signal);
    const address = found.find((one) => isAllowed(one, port, host));
    if (!address) throw new Error('the address is not public');
    const options = {
      host: address,
      port,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, accept: 'image/png, image/jpeg, image/webp', 'user-agent': 'Openair' },
      signal: abort.signal,
      agent: false,
    };
    const answer = await send(
      secure ? requestHttps({ ...options, servername: isIP(host) ? '' : host }) : requestHttp(options),
    );
    return await readAll(answer);
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

function send(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`);
  if (Number(answer.headers['content-length'] ?? 0) > MAX_BYTES) throw new Error('the picture is larger than 5 MB');
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer) {
    size += (piece as Buffer).length;
    if (size > MAX_BYTES) throw new Error('the picture is larger than 5 MB');
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  ]);
}
