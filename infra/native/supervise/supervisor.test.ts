import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PACE, type Pace, type PartSpec } from './part.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { Supervisor } from './supervisor.ts';

const QUICK: Pace = {
  ...PACE,
  firstBackOffMs: 20,
  longestBackOffMs: 40,
  loopRetryMs: 60,
  pollMs: 10,
  orphanMs: 200,
  silentMs: 100,
  aliveEveryMs: 20,
};
const WAIT = { timeout: 8000, interval: 10 };

let home = '';
let running: Supervisor[] = [];
let strays: ProcessIdentity[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'openair-supervisor-'));
  running = [];
  strays = [];
});

afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  for (const stray of strays.filter(isAlive)) process.kill(stray.pid, 'SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

function shell(name: string, script: string, more: Partial<PartSpec> = {}): PartSpec {
  const launch = () => ({ command: '/bin/sh', args: ['-c', script], env: { PATH: '/usr/bin:/bin', HOME_DIR: home } });
  return { name, kind: 'service', after: [], launch, stopWithinMs: 1000, ...more };
}

function supervise(parts: PartSpec[], secrets: string[] = []): Supervisor {
  const supervisor = new Supervisor({ home, parts, secrets, pace: QUICK });
  running.push(supervisor);
  supervisor.start();
  return supervisor;
}

const read = (file: string) => readFileSync(join(home, file), 'utf8');

function identityOf(supervisor: Supervisor, name: string): ProcessIdentity {
  const { pid, startTime } = supervisor.status()[name]!;
  return { pid: pid!, startTime: startTime! };
}

describe('a process that ends', () => {
  test('is started again after it was killed, and says how it ended', async () => {
    const supervisor = supervise([shell('steady', 'sleep 60')]);
    await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
    const first = identityOf(supervisor, 'steady');
    process.kill(first.pid, 'SIGKILL');
    await vi.waitUntil(() => supervisor.isHealthy() && identityOf(supervisor, 'steady').pid !== first.pid, WAIT);
    expect(supervisor.status().steady).toMatchObject({ state: 'ready', restarts: 1, lastEnd: 'ended by SIGKILL' });
  });

  test('again and again is shown as a crash loop, with its last words kept, and is still tried', async () => {
    const supervisor = supervise([shell('broken', 'echo "no such setting"; exit 3', { isReady: async () => false })]);
    await vi.waitUntil(() => supervisor.status().broken?.state === 'crash-looping', WAIT);
    expect(supervisor.isHealthy()).toBe(false);
    expect(supervisor.status().broken?.lastEnd).toBe('ended with code 3');
    expect(supervisor.tail('broken')).toContain('no such setting');
    const before = supervisor.status().broken!.restarts;
    await vi.waitUntil(() => supervisor.status().broken!.restarts > before + 1, WAIT);
    expect(supervisor.status().broken?.state).toBe('crash-looping');
  });

  test('is well again as soon as the reason is gone', async () => {
    const script = 'test -e "$HOME_DIR/mended" || exit 1; sleep 60';
    const supervisor = supervise([shell('mended-later', script, { isReady: async () => read('mended') !== '' })]);
    await vi.waitUntil(() => supervisor.status()['mended-later']?.state === 'crash-looping', WAIT);
    writeFileSync(join(home, 'mended'), 'yes');
    await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
  });

  test('leaves no child behind, even one that ignores signals', async () => {
    const script = '(trap "" TERM INT; echo $$ > /dev/null; exec sleep 61) & echo $! > "$HOME_DIR/child"; wait';
    const supervisor = supervise([shell('parent', script, { isReady: async () => read('child').trim() !== '' })]);
    await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
    const child = identify(Number(read('child')))!;
    strays.push(child);
    process.kill(identityOf(supervisor, 'parent').pid, 'SIGKILL');
    await vi.waitUntil(() => !isAlive(child), WAIT);
  });

  test('never appears in another’s place: a set-up that ended with 0 is done and not run twice', async () => {
    const supervisor = supervise([shell('once', 'echo x >> "$HOME_DIR/runs"', { kind: 'once' })]);
    await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
    expect(supervisor.status().once?.state).toBe('done');
    expect(read('runs')).toBe('x\n');
  });
});

describe('order', () => {
  test('each starts once those it needs are ready, and ends before them', async () => {
    const note = (name: string) =>
      `trap 'echo "-${name}" >> "$HOME_DIR/order"; exit 0' TERM; echo "+${name}" >> "$HOME_DIR/order"; while :; do sleep 0.02; done`;
    let storeReady = false;
    const parts = [
      shell('page', note('page'), { after: ['setup'], isReady: async () => read('order').includes('+page') }),
      shell('setup', 'echo "+setup" >> "$HOME_DIR/order"', { kind: 'once', after: ['store'] }),
      shell('store', note('store'), { isReady: async () => storeReady && read('order').includes('+store') }),
    ];
    const supervisor = supervise(parts);
    await vi.waitUntil(() => supervisor.status().store?.state === 'starting', WAIT);
    expect(supervisor.status().page?.state).toBe('waiting');
    storeReady = true;
    await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
    await supervisor.stop();
    expect(read('order').trim().split('\n')).toEqual(['+store', '+setup', '+page', '-page', '-store']);
  });

  test('a part that waits for itself, or for nobody, is refused', () => {
    expect(
      () =>
        new Supervisor({
          home,
          parts: [shell('a', '', { after: ['b'] }), shell('b', '', { after: ['a'] })],
          secrets: [],
        }),
    ).toThrow('wait for each other: a → b → a');
    expect(() => new Supervisor({ home, parts: [shell('a', '', { after: ['ghost'] })], secrets: [] })).toThrow('ghost');
  });
});

test('a process that does not end when asked is ended by force within its deadline', async () => {
  const supervisor = supervise([
    shell('stubborn', 'trap "" TERM INT; while :; do sleep 0.05; done', { stopWithinMs: 300 }),
  ]);
  await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
  const stubborn = identityOf(supervisor, 'stubborn');
  strays.push(stubborn);
  const begunMs = Date.now();
  await supervisor.stop();
  expect(isAlive(stubborn)).toBe(false);
  expect(Date.now() - begunMs).toBeGreaterThanOrEqual(290);
});

test('a service that stops answering is started again', async () => {
  let answers = true;
  const supervisor = supervise([
    shell('silent', 'sleep 60', { isReady: async () => true, isAlive: async () => answers }),
  ]);
  await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
  answers = false;
  await vi.waitUntil(() => supervisor.status().silent!.restarts > 0, WAIT);
  answers = true;
  await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
});

test('no secret of the install reaches a log, nor a token in an address', async () => {
  const secret = 'k3yThatNobodyMaySee0123456789abcdef';
  const supervisor = supervise(
    [
      shell('talker', `echo "key=${secret} url=/rtc?access_token=abc.def&x=1"; sleep 60`, {
        isReady: async () => read('logs/talker.log').includes('\n'),
      }),
    ],
    [secret],
  );
  await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
  expect(read('logs/talker.log')).toBe('key=*** url=/rtc?access_token=***&x=1\n');
});

test('when the supervisor is killed, its processes and their children end themselves within seconds', async () => {
  const script = join(home, 'supervise.ts');
  const parts = `[{ name: 'tree', kind: 'service', after: [], launch: () => ({ command: '/bin/sh', args: ['-c', 'trap "" TERM; sleep 77 & echo $! > ${home}/child; while :; do sleep 0.1; done'], env: { PATH: '/usr/bin:/bin' } }) }]`;
  writeFileSync(
    script,
    `import { Supervisor } from '${import.meta.dirname}/supervisor.ts';
     const supervisor = new Supervisor({ home: '${home}', parts: ${parts}, secrets: [] });
     supervisor.start();
     const timer = setInterval(() => { if (!supervisor.isHealthy()) return; clearInterval(timer); console.log(JSON.stringify([supervisor.status().tree.pid, supervisor.leashPid])); }, 20);
     setInterval(() => undefined, 1000);`,
  );
  const repo = join(import.meta.dirname, '../../..');
  const child = spawn(process.execPath, ['--import', join(repo, 'node_modules/tsx/dist/loader.mjs'), script], {
    cwd: repo,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await vi.waitUntil(() => said.includes(']'), { timeout: 15_000, interval: 20 });
  await vi.waitUntil(() => identify(Number(readIfThere(join(home, 'child')))) !== null, WAIT);
  const family = [...(JSON.parse(said) as number[]), Number(read('child'))].map((pid) => identify(pid)!);
  strays.push(...family);
  child.kill('SIGKILL');
  await vi.waitUntil(() => family.every((one) => !isAlive(one)), { timeout: 8000, interval: 50 });
});

test('a leash that is killed is put on again', async () => {
  const supervisor = supervise([shell('held', 'sleep 60')]);
  await vi.waitUntil(() => supervisor.isHealthy(), WAIT);
  const before = supervisor.leashPid!;
  process.kill(before, 'SIGKILL');
  await vi.waitUntil(() => supervisor.leashPid !== null && supervisor.leashPid !== before, WAIT);
  expect(supervisor.isHealthy()).toBe(true);
});

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || '0';
  } catch {
    return '0';
  }
}
