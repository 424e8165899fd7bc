import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RawPicture } from '../../compose/inputs.ts';
import { fromNv12, pictureBytes } from './i420.ts';

export type CaptureSink = {
  picture(picture: RawPicture): void;
  /** 48 kHz, left and right in turn. */
  sound(samples: Int16Array): void;
};

/** A name that Chromium takes for secure (getDisplayMedia needs that) and that no name server knows. */
export const CAPTURE_HOST = 'capture.localhost';
const FILES: Record<string, { file: string; type: string }> = {
  '': { file: 'index.html', type: 'text/html; charset=utf-8' },
  ...Object.fromEntries(
    ['capture.js', 'colors.js', 'resample.js'].map((file) => [file, { file, type: 'text/javascript; charset=utf-8' }]),
  ),
};
const FOLDER = new URL('./capture/', import.meta.url);
const MAX_SIDE = 4096;
/** Two seconds: nothing that is later than that is worth hearing. */
const MAX_SOUND = 48_000 * 4 * 2;

/**
 * Serves the capture page and takes what it captures, not compressed. Its address holds 128 random bits: the recorded page runs in the
 * same browser and must neither read nor feed it.
 */
export class CaptureInbox {
  readonly #secret = randomBytes(16).toString('hex');
  readonly #sink: CaptureSink;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  get url(): string {
    return `http://${CAPTURE_HOST}/${this.#secret}/`;
  }

  /** Answers one request for `CAPTURE_HOST`. */
  answer(incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url ?? '', this.url);
    const [, secret, name = '', more] = url.pathname.split('/');
    const own = secret === this.#secret && more === undefined;
    if (!own) return end(response, 404);
    if (incoming.method === 'GET' && Object.hasOwn(FILES, name)) void this.#serve(name, response);
    else if (incoming.method !== 'POST') end(response, 404);
    else if (name === 'picture') void this.#takePicture(url.searchParams, incoming, response);
    else if (name === 'sound') void this.#takeSound(incoming, response);
    else end(response, 404);
  }

  async #serve(name: string, response: ServerResponse): Promise<void> {
    const { file, type } = FILES[name] as { file: string; type: string };
    const text = await readFile(new URL(file, FOLDER));
    // Nothing but its own script and this inbox, and no frame of another page around it.
    const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy, 'cache-control': 'no-store' });
    response.end(text);
  }

  async #takePicture(facts: URLSearchParams, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const [width, height] = [Number(facts.get('width')), Number(facts.get('height'))];
    const format = facts.get('format');
    const fits = [width, height].every((side) => Number.isInteger(side) && side >= 2 && side <= MAX_SIDE);
    if (!fits || (format !== 'I420' && format !== 'NV12')) return end(response, 400);
    const data = await body(incoming, pictureBytes(width, height));
    if (data?.length !== pictureBytes(width, height)) return end(response, 400);
    if (format === 'NV12') fromNv12(data, width, height);
    this.#sink.picture({ data, width, height, rotation: 0, atMs: performance.now() });
    end(response, 204);
  }

  async #takeSound(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const data = await body(incoming, MAX_SOUND);
    if (!data || data.length % 4 !== 0) return end(response, 400);
    this.#sink.sound(new Int16Array(data.buffer, data.byteOffset, data.length / 2));
    end(response, 204);
  }
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

/** The whole body in memory of its own; null when it is cut off, or longer than `limit` or than it said. */
async function body(incoming: IncomingMessage, limit: number): Promise<Uint8Array | null> {
  const length = Number(incoming.headers['content-length']);
  if (!Number.isInteger(length) || length > limit) {
    incoming.resume();
    return null;
  }
  const data = new Uint8Array(length);
  let at = 0;
  try {
    for await (const piece of incoming) {
      data.set(piece as Buffer, at);
      at += (piece as Buffer).length;
    }
  } catch {
    return null;
  }
  return at === length ? data : null;
}
