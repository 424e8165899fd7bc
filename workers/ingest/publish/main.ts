import { Socket } from 'node:net';
import type { EncodingWishes } from './encoding-wish.ts';
import type { PublishRun } from './run-publish.ts';
import { type ChildMessage, FrameReader, MEDIA_FD, ParentMessage } from './wire.ts';
import { polyfillWithResolvers } from './with-resolvers.ts';

/**
 * Media child of one ingest: the only place where FFmpeg touches an encoder's bytes. It gets its orders by IPC, its media by an
 * extra pipe, and ends when the parent is gone. It knows no stream key and no API secret.
 */

const MAX_LOG_LINES = 20;
const LOG_WINDOW_MS = 10_000;
const TOKEN_TIMEOUT_MS = 5_000;

function say(message: ChildMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

async function quietFfmpeg(): Promise<void> {
  const [{ Log }, { AV_LOG_ERROR }] = await Promise.all([import('node-av/lib'), import('node-av/constants')]);
  let lines = 0;
  setInterval(() => {
    lines = 0;
  }, LOG_WINDOW_MS).unref();
  Log.setCallback(
    (level, text) => {
      lines += 1;
      // Addresses may stand in FFmpeg's lines: the first words say enough.
      if (level <= AV_LOG_ERROR && lines <= MAX_LOG_LINES)
        say({ say: 'log', level: 'warn', text: `ffmpeg: ${firstWords(text)}` });
    },
    { maxLevel: AV_LOG_ERROR },
  );
}

function firstWords(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/eyJ[\w.-]+/g, '[token]').slice(0, 160);
}

let run: PublishRun | null = null;
let takeToken: ((token: string) => void) | null = null;
let isEnding = false;
const warm = warmUp();
warm.catch((error: unknown) => fail(error));

function requestToken(): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no join token')), TOKEN_TIMEOUT_MS);
    takeToken = (token) => {
      clearTimeout(timer);
      resolve(token);
    };
    say({ say: 'token-wanted' });
  });
}

/** Everything slow (node-av is 100 MB) happens before an encoder needs us. */
async function warmUp(): Promise<typeof import('./run-publish.ts')> {
  polyfillWithResolvers();
  await quietFfmpeg();
  const loaded = await import('./run-publish.ts');
  say({ say: 'ready' });
  return loaded;
}

async function start(serverUrl: string, wishes: EncodingWishes): Promise<void> {
  const { runPublish } = await warm;
  const publishing = await runPublish({ serverUrl, wishes, requestToken, say });
  run = publishing;
  const reader = new FrameReader((frame) => publishing.onFrame(frame));
  const pipe = new Socket({ fd: MEDIA_FD, readable: true, writable: false });
  pipe.on('data', (bytes) => reader.push(bytes));
  pipe.on('error', () => void end());
  pipe.on('close', () => void end());
}

function fail(error: unknown): void {
  say({ say: 'log', level: 'error', text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  setTimeout(() => process.exit(1), 200);
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  // Whatever hangs in FFmpeg, this process must not stay.
  setTimeout(() => process.exit(1), 4_000).unref();
  await run?.close();
  process.exit(0);
}

process.on('message', (raw) => {
  const read = ParentMessage.safeParse(raw);
  if (!read.success) return;
  const message = read.data;
  if (message.say === 'start') {
    start(message.serverUrl, message.wishes).catch((error: unknown) => fail(error));
  } else if (message.say === 'token') takeToken?.(message.token);
  else if (message.say === 'reconnect') run?.reconnect();
  else if (message.say === 'transcode-answer') run?.answerTranscode(message.refusal);
  else void end();
});
process.on('disconnect', () => void end());
// The parent decides when we end; a Ctrl-C in the terminal reaches us too.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void end());
