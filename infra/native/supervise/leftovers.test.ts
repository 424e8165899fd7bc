import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { locked, lockHolder, tryLock } from '../steps/locked.ts';
import { endLeftovers, findLeftovers } from './leftovers.ts';
import { LogFile } from './log-file.ts';
import type { PartStatus } from './part.ts';
import { findHolders } from './port-holders.ts';
import { identify, isAlive, type ProcessIdentity, signal } from './process-identity.ts';
import { byLine } from './redact.ts';
import { type InstallState, readState, runningState, writeState } from './state-file.ts';

let home = '';
let started: ProcessIdentity[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'openair-home-'));
  started = [];
});
afterEach(() => {
  for (const one of started) signal(one, 'SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

function sleeper(env: Record<string, string> = {}): ProcessIdentity {
  const child = spawn('/bin/sleep', ['90'], { detached: true, stdio: 'ignore', env: env as NodeJS.ProcessEnv });
  const identity = identify(child.pid!)!;
  started.push(identity);
  return identity;
}

function stateOf(supervisor: ProcessIdentity, parts: Record<string, ProcessIdentity>): InstallState {
  const status = ({ pid, startTime }: ProcessIdentity): PartStatus => ({
    state: 'ready',
    pid,
    startTime,
    restarts: 0,
    readyAfterMs: 1,
    lastEnd: null,
    log: '',
  });
  const rows = Object.entries(parts).map(([name, one]) => [name, status(one)]);
  return { supervisor, leashPid: null, base: 8800, startedAt: '', healthy: true, parts: Object.fromEntries(rows) };
}

describe('what an earlier run left', () => {
  test('is ended: by its number and start time, and by the mark it carries', async () => {
    const known = sleeper();
    const marked = sleeper({ OPENAIR_SUPERVISED: home });
    const ended = await endLeftovers(home, stateOf(known, { one: known }));
    expect(ended).toBe(2);
    await vi.waitUntil(() => !isAlive(known) && !isAlive(marked), { timeout: 5000 });
  });

  test('is not a process that only got the same number', async () => {
    const stranger = sleeper();
    const state = stateOf(stranger, { one: { pid: stranger.pid, startTime: '1' } });
    expect(findLeftovers(home, state)).toEqual([]);
    expect(signal({ pid: stranger.pid, startTime: '1' }, 'SIGKILL')).toBe(false);
    expect(isAlive(stranger)).toBe(true);
  });

  test('is not another home’s process', () => {
    sleeper({ OPENAIR_SUPERVISED: `${home}-other` });
    expect(findLeftovers(home, null)).toEqual([]);
  });
});

describe('state.json', () => {
  test('tells a running install from a supervisor that is gone, or whose number another has', () => {
    const supervisor = sleeper();
    writeState(home, stateOf(supervisor, {}));
    expect(runningState(home)?.base).toBe(8800);
    expect(statSync(join(home, 'state.json')).mode & 0o777).toBe(0o600);
    writeState(home, stateOf({ ...supervisor, startTime: '1' }, {}));
    expect(runningState(home)).toBeNull();
    expect(readState(home)).not.toBeNull();
  });

  test('that is broken is no state', () => {
    writeFileSync(join(home, 'state.json'), '{"supervisor":');
    expect(readState(home)).toBeNull();
  });
});

test('a port that is held is named with the process that holds it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    const [holder] = findHolders([port], []);
    expect(holder).toMatchObject({ port, protocol: 'tcp', pid: process.pid });
    expect(holder?.command).toContain('node');
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(findHolders([port], [])).toEqual([]);
});

describe('a lock', () => {
  test('is held once, and taken over from a process that is gone', async () => {
    const file = join(home, 'lock');
    const gone = sleeper();
    writeFileSync(file, JSON.stringify(gone));
    expect(tryLock(file)).toBe(false);
    signal(gone, 'SIGKILL');
    await vi.waitUntil(() => !isAlive(gone), { timeout: 5000 });
    expect(tryLock(file)).toBe(true);
    expect(lockHolder(file)?.pid).toBe(process.pid);
  });

  test('is given back when the work fails', async () => {
    const file = join(home, 'lock');
    await expect(locked(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });
});

test('a log never grows past its bound, and keeps what was said last', () => {
  const file = join(home, 'logs/talker.log');
  const log = new LogFile(file, 1000, 2);
  for (let line = 0; line < 500; line++) log.write(`line ${line} ${'x'.repeat(40)}\n`);
  log.close();
  log.write('after the end\n');
  for (const name of [file, `${file}.1`, `${file}.2`]) expect(statSync(name).size).toBeLessThan(1200);
  expect(existsSync(`${file}.3`)).toBe(false);
  expect(log.tail(1)).toContain('line 499');
});

test('a secret that arrives in two pieces is still one line', () => {
  const taken: string[] = [];
  const lines = byLine((text) => taken.push(text));
  lines.push('password=abc');
  lines.push('def\nnext');
  lines.end();
  expect(taken).toEqual(['password=abcdef\n', 'next\n']);
});
