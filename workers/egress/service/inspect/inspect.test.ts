import { request } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import type { PipelineFacts } from '../../plan.ts';
import { startHealthServer } from '../health-server.ts';
import { createEgressMetrics } from '../metrics.ts';
import type { EgressInspection } from './inspection.ts';
import { EgressTelemetry } from './telemetry.ts';

const RUNNING: EgressInspection = {
  egressId: 'EG_1',
  roomName: '<img src=x>',
  type: 'room_composite',
  status: 'active',
  startedAtMs: 1_000,
  picture: { width: 1280, height: 720, fps: 30 },
  process: { pid: 7, restarts: 0, cpuCores: null, promisedCores: 0.35, rssMb: 200 },
  composedFps: 30,
  ticks: 300,
  lateTicks: 3,
  heardAtMs: null,
  facts: null,
  destinations: [{ url: 'rtmp://h/live/{abc...xyz}', status: 'active', report: null }],
};

const FACTS: PipelineFacts = {
  composedFps: 30,
  lateTicks: 0,
  layout: 'grid',
  shows: 'slate',
  sources: [],
  rungs: [],
  outputs: [],
  epoch: 1,
  lastMsn: 4,
  notes: [],
};

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => void (await Promise.all(opened.splice(0).map((one) => one.close()))));

async function open(running: EgressInspection[]) {
  const service = {
    health: () => ({ canAccept: true, isConnected: true, cpuLoad: 1, egressIds: [] }),
    inspect: () => running,
    picture: async () => null,
  };
  const deps = { service, metrics: createEgressMetrics(), isDraining: () => false };
  const health = await startHealthServer(deps, '127.0.0.1', [0]);
  opened.push(health);
  return health.ports[0] as number;
}

/** `fetch` sets the Host header itself. */
function ask(port: number, path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, method }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('what was asked for and is not done stands on the page of the egress, as text', async () => {
  const facts = { ...FACTS, notes: ['h264_vaapi is not to be had (<b>no device</b>). The next encoder is used.'] };
  const port = await open([{ ...RUNNING, facts }]);
  const page = await (await fetch(`http://127.0.0.1:${port}/inspect/EG_1`)).text();
  expect(page).toContain('h264_vaapi is not to be had (&lt;b&gt;no device&lt;/b&gt;). The next encoder is used.');
});

test('the list names what runs, links to it, and treats names as text', async () => {
  const port = await open([RUNNING]);
  const answer = await fetch(`http://127.0.0.1:${port}/inspect`);
  const page = await answer.text();
  expect(page).toContain('href="/inspect/EG_1"');
  expect(page).toContain('&lt;img src=x&gt;');
  expect(page).not.toContain('<img src=x>');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('an engine that has said nothing yet still has a page', async () => {
  const port = await open([RUNNING]);
  const page = await (await fetch(`http://127.0.0.1:${port}/inspect/EG_1`)).text();
  expect(page).toContain('The engine has not told it yet.');
  expect(page).toContain('3 of 300 (1.00 %)');
  expect((await fetch(`http://127.0.0.1:${port}/inspect/EG_1.jpg`)).status).toBe(404);
});

test('nothing that runs, and an id that does not run, are said in words', async () => {
  const port = await open([]);
  expect(await (await fetch(`http://127.0.0.1:${port}/inspect`)).text()).toContain('Nothing runs.');
  const missing = await fetch(`http://127.0.0.1:${port}/inspect/EG_gone`);
  expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('EG_gone does not run here.')]);
  expect((await fetch(`http://127.0.0.1:${port}/inspect/%E0%A4%A`)).status).toBe(404);
});

test('only this machine by a local name may look, and only look', async () => {
  const port = await open([RUNNING]);
  expect(await ask(port, '/inspect.json', { host: `localhost:${port}` })).toBe(200);
  expect(await ask(port, '/inspect.json', { host: 'evil.example' })).toBe(403);
  expect(await ask(port, '/inspect.json', { host: '127.0.0.1' }, 'POST')).toBe(405);
});

test('counters go on over a restart, and facts of the process that died are not shown', () => {
  const telemetry = new EgressTelemetry();
  const beat = { t: 'beat' as const, ticks: 100, lateTicks: 2, composedFps: 30, rssMb: 10 };
  telemetry.hear(beat);
  telemetry.processGone();
  expect(telemetry.snapshot()).toMatchObject({ ticks: 100, lateTicks: 2, composedFps: 0, facts: null });
  telemetry.hear({ ...beat, ticks: 5, lateTicks: 0 });
  expect(telemetry.snapshot()).toMatchObject({ ticks: 105, lateTicks: 2, composedFps: 30 });
});

test('everybody who waits for a picture gets the same one, and a process that goes answers with none', async () => {
  const telemetry = new EgressTelemetry();
  let asked = 0;
  const ask = () => void asked++;
  const both = [telemetry.picture(ask), telemetry.picture(ask)];
  const jpeg = new Uint8Array([1]);
  telemetry.hear({ t: 'picture', jpeg });
  expect(await Promise.all(both)).toEqual([jpeg, jpeg]);
  expect(asked).toBe(1);
  const other = new EgressTelemetry();
  const waiting = other.picture(ask);
  other.processGone();
  expect(await waiting).toBeNull();
});

test('who asks for the next picture waits for it as long as who asked for the one before', async () => {
  vi.useFakeTimers();
  try {
    const telemetry = new EgressTelemetry();
    const first = telemetry.picture(() => undefined);
    vi.advanceTimersByTime(100);
    telemetry.hear({ t: 'picture', jpeg: new Uint8Array([1]) });
    expect(await first).toEqual(new Uint8Array([1]));
    vi.advanceTimersByTime(1_500);
    const second = telemetry.picture(() => undefined);
    vi.advanceTimersByTime(1_000);
    telemetry.hear({ t: 'picture', jpeg: new Uint8Array([2]) });
    expect(await second).toEqual(new Uint8Array([2]));
  } finally {
    vi.useRealTimers();
  }
});
