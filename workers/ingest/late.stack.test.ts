import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';

/** Media that comes late, through the front door of a running install: who is blamed for it, the network or this machine. */
const Credentials = z.object({ url: z.url(), apiKey: z.string() });
const Settings = z.object({ INGEST_HEALTH_PORT: z.string() });
const Ingest = z.object({
  rtmp: z.object({ url: z.url(), streamKey: z.string() }),
  state: z.object({
    state: z.string(),
    health: z.object({ notes: z.array(z.object({ id: z.string(), sentence: z.string() })) }).optional(),
  }),
});
const Health = z.object({ ingests: z.array(z.object({ room: z.string(), pid: z.number().optional() })) });

const WITHIN = { timeout: 50_000, interval: 200 };
/** For so long nothing moves, and then for so long everything does. */
const HOLD_MS = 800;
const GO_MS = 250;

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one();
});

async function readHome<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const home = process.env.OPENAIR_TEST_HOME;
  if (!home) throw new Error('set OPENAIR_TEST_HOME to the home of a running install');
  return schema.parse(JSON.parse(await readFile(join(home, file), 'utf8')));
}

let ask: (method: string, path: string, body?: object) => Promise<unknown>;
beforeAll(async () => {
  const { url, apiKey } = await readHome('credentials.json', Credentials);
  ask = async (method, path, body) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
});

async function newChannel() {
  const handle = `late-${Date.now().toString(36)}`;
  const { id } = z.object({ id: z.string() }).parse(await ask('POST', '/channels', { handle, name: 'Late' }));
  const look = async () => Ingest.parse(await ask('GET', `/channels/${handle}/ingest`));
  const notes = async () => (await look()).state.health?.notes ?? [];
  const isPublishing = async () => (await look()).state.state === 'publishing';
  return { id, notes, isPublishing, rtmp: (await look()).rtmp };
}

function publish(url: string): void {
  const encoder = spawn('ffmpeg', [
    ...'-hide_banner -loglevel error -re -f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i sine -t 120'.split(' '),
    ...'-pix_fmt yuv420p -c:v libx264 -preset ultrafast -tune zerolatency -g 30 -c:a aac -f flv'.split(' '),
    url,
  ]);
  undo.push(() => encoder.kill('SIGKILL'));
}

/** Holds and lets go, again and again. One after the other: with timers of their own a late one would leave no time between them. */
function inRounds(hold: () => void, letGo: () => void): void {
  let timer: NodeJS.Timeout;
  const begin = () => {
    hold();
    timer = setTimeout(() => {
      letGo();
      timer = setTimeout(begin, GO_MS);
    }, HOLD_MS);
  };
  begin();
  undo.push(() => {
    clearTimeout(timer);
    letGo();
  });
}

/** A process that has ended meanwhile needs none. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch {}
}

async function pidOf(room: string): Promise<number> {
  const { INGEST_HEALTH_PORT } = await readHome('env.json', Settings);
  const { ingests } = Health.parse(await (await fetch(`http://127.0.0.1:${INGEST_HEALTH_PORT}/health`)).json());
  const pid = ingests.find((one) => one.room === room)?.pid;
  if (pid === undefined) throw new Error('the ingest has no media process');
  return pid;
}

test('a media process that gets no processor is told as this server having too much to do, and the network is not blamed', {
  timeout: 120_000,
}, async () => {
  const channel = await newChannel();
  publish(`${channel.rtmp.url}/${channel.rtmp.streamKey}`);
  await vi.waitUntil(channel.isPublishing, WITHIN);
  const pid = await pidOf(channel.id);
  inRounds(
    () => signal(pid, 'SIGSTOP'),
    () => signal(pid, 'SIGCONT'),
  );
  const told = new Map<string, string>();
  await vi.waitFor(async () => {
    for (const { id, sentence } of await channel.notes()) told.set(id, sentence);
    expect([...told.keys()]).toContain('server-held-up');
  }, WITHIN);
  expect(told.get('server-held-up')).toContain('The network is not the cause.');
  expect([...told.keys()]).not.toContain('network-too-slow');
  expect([...told.keys()]).not.toContain('encoder-too-slow');
});

test('a network that brings media late is told as such', { timeout: 120_000 }, async () => {
  const channel = await newChannel();
  const server = new URL(channel.rtmp.url);
  let isHeld = false;
  const proxy = createServer((encoder) => {
    const onward = connect(Number(server.port), server.hostname);
    const waiting: Buffer[] = [];
    const flush = setInterval(() => {
      if (!isHeld) for (const bytes of waiting.splice(0)) onward.write(bytes);
    }, 10);
    encoder.on('data', (bytes) => waiting.push(bytes));
    onward.on('data', (bytes) => encoder.write(bytes));
    for (const [one, other] of [
      [encoder, onward],
      [onward, encoder],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        clearInterval(flush);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  undo.push(() => proxy.close());
  const bound = proxy.address();
  const to = new URL(server);
  to.port = String(typeof bound === 'object' ? bound?.port : 0);
  publish(`${to.href}/${channel.rtmp.streamKey}`);
  await vi.waitUntil(channel.isPublishing, WITHIN);
  inRounds(
    () => {
      isHeld = true;
    },
    () => {
      isHeld = false;
    },
  );
  const seen = new Set<string>();
  await vi.waitFor(async () => {
    for (const { id } of await channel.notes()) seen.add(id);
    expect([...seen]).toContain('network-too-slow');
  }, WITHIN);
});
