import { type ChildProcess, spawn } from 'node:child_process';
import pino from 'pino';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { childEnvironment } from '../config.ts';
import { parseAudioTags, parseVideoTags } from '../publish/flv.ts';
import { SourceProcesses } from '../pull/source-process.ts';
import type { Publisher } from '../rtmp/publisher.ts';
import { openSrtServer, type SrtServer } from './server.ts';

/** Real encoders (ffmpeg with libsrt) against the SRT front with its real processes; needs no install. */
const running: ChildProcess[] = [];
const servers: SrtServer[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) one.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.close('end of the test');
});

const processes = new SourceProcesses(childEnvironment());
afterAll(() => processes.close());

const WITHIN = { timeout: 20_000, interval: 100 };

async function start(passphrase = '') {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const seen = new Map<string, { config: Set<string>; pictures: number; sounds: number; gone: string }>();
  const publishers: Publisher[] = [];
  const server = await openSrtServer({
    host: '127.0.0.1',
    port: 0,
    log,
    settings: { passphrase, latencyMs: 60 },
    processes,
    admit: async ({ streamKey }, publisher) => {
      if (!streamKey.startsWith('good')) return { ok: false, sentence: 'Wrong stream key.' };
      publishers.push(publisher);
      const its = { config: new Set<string>(), pictures: 0, sounds: 0, gone: '' };
      seen.set(streamKey, its);
      return {
        ok: true,
        ingressId: `IN_${publishers.length}`,
        taker: {
          onTag(type, _ms, body) {
            for (const tag of type === 9 ? parseVideoTags(body) : type === 8 ? parseAudioTags(body) : []) {
              if (tag.kind === 'config') its.config.add(tag.codecName);
              else if (type === 9) its.pictures += 1;
              else its.sounds += 1;
            }
          },
          onGone: (reason) => {
            its.gone = reason;
          },
        },
      };
    },
  });
  servers.push(server);
  return { server, seen, publishers, lines };
}

const X264 = ['libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'];

/** @param pictureLateS so long after the sound does the picture begin */
function encode(port: number, query: string, codec = X264, pictureLateS = 0) {
  const child = spawn(
    'ffmpeg',
    [
      ...`-hide_banner -loglevel error -re -itsoffset ${pictureLateS} -f lavfi -i testsrc2=size=320x180:rate=25`.split(
        ' ',
      ),
      ...'-f lavfi -i sine -t 60'.split(' '),
      ...[
        '-pix_fmt',
        'yuv420p',
        '-c:v',
        ...codec,
        '-g',
        '25',
        '-c:a',
        'aac',
        '-muxdelay',
        '0',
        '-muxpreload',
        '0',
        '-f',
        'mpegts',
      ],
      `srt://127.0.0.1:${port}?${query}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  running.push(child);
  return { child, whenEnded: new Promise<number | null>((resolve) => child.once('exit', resolve)) };
}

test('two encoders share the port, each with its key; one that stops is gone, the other goes on', async () => {
  const { server, seen, lines } = await start();
  const one = encode(server.port, 'streamid=good_one');
  encode(server.port, `streamid=${encodeURIComponent('#!::r=good_two,m=publish')}`);
  const arrives = (key: string) => (seen.get(key)?.pictures ?? 0) > 10 && (seen.get(key)?.sounds ?? 0) > 5;
  await vi.waitUntil(() => arrives('good_one') && arrives('good_two'), WITHIN);
  expect([...(seen.get('good_one')?.config ?? [])].sort()).toEqual(['AAC', 'H.264']);
  one.child.kill('SIGINT');
  await vi.waitUntil(() => seen.get('good_one')?.gone === 'the encoder stopped', WITHIN);
  const before = seen.get('good_two')?.pictures ?? 0;
  await vi.waitUntil(() => (seen.get('good_two')?.pictures ?? 0) > before + 10, WITHIN);
  expect(server.connections()).toBe(1);
  expect(lines.join('')).not.toContain('good_');
});

test('an encoder whose sound comes before its picture is known all the same', async () => {
  const { server, seen } = await start();
  encode(server.port, 'streamid=good_early', X264, 0.4);
  const its = () => seen.get('good_early');
  await vi.waitUntil(() => its()?.gone || ((its()?.pictures ?? 0) > 10 && (its()?.sounds ?? 0) > 5), WITHIN);
  expect(its()?.gone).toBeFalsy();
  expect([...(seen.get('good_early')?.config ?? [])].sort()).toEqual(['AAC', 'H.264']);
});

test('a wrong key ends the encoder at once, without a process of ours', async () => {
  const { server, lines } = await start();
  expect(await encode(server.port, 'streamid=wrong').whenEnded).not.toBe(0);
  expect(lines.join('')).toContain('srt: refused: Wrong stream key.');
  expect(server.connections()).toBe(0);
});

test('with the passphrase the stream is decrypted; with a wrong one it never is', async () => {
  const { server, seen } = await start('the-right-passphrase');
  encode(server.port, 'streamid=good&passphrase=the-right-passphrase&pbkeylen=32');
  await vi.waitUntil(() => (seen.get('good')?.pictures ?? 0) > 5, WITHIN);
  const wrong = encode(server.port, 'streamid=good_other&passphrase=another-passphrase');
  expect(await wrong.whenEnded).not.toBe(0);
  expect(seen.get('good_other')?.pictures ?? 0).toBe(0);
  await vi.waitUntil(() => seen.get('good_other')?.gone === 'its passphrase is wrong', WITHIN);
});

test('an encoder that is ended from here is cut off at once', async () => {
  const { server, seen, publishers } = await start();
  const encoder = encode(server.port, 'streamid=good');
  await vi.waitUntil(() => (seen.get('good')?.pictures ?? 0) > 5, WITHIN);
  publishers[0]?.end('the stream key was replaced');
  expect(seen.get('good')?.gone).toBe('the stream key was replaced');
  expect(server.connections()).toBe(0);
  await encoder.whenEnded;
});
