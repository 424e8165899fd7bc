import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The npm package as somebody gets it: packed, unpacked into a project of its own, type-checked and loaded there. */
const ROOT = resolve(import.meta.dirname, '..');
let room: string;
let files: string[];

beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), 'openair-package-'));
  // A copy: two runs side by side, and a build that is under way, do not disturb each other.
  const source = join(room, 'checkout');
  cpSync(join(ROOT, 'player'), join(source, 'player'), {
    recursive: true,
    filter: (path) => !/[/\\](dist|node_modules)$/.test(path),
  });
  for (const name of ['tsconfig.json', 'package.json']) cpSync(join(ROOT, name), join(source, name));
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  const answer = execFileSync('npm', ['pack', '--json', '--pack-destination', room], {
    cwd: join(source, 'player'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const packed: { filename: string; files: { path: string }[] } = JSON.parse(answer.slice(answer.indexOf('[')))[0];
  files = packed.files.map(({ path }) => path);
  const target = join(room, 'project/node_modules/openair-player');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', join(room, packed.filename), '--strip-components=1', '-C', target]);
  for (const name of ['react', '@types', 'csstype']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(room, 'project/node_modules', name));
  }
}, 120_000);
afterAll(() => rmSync(room, { recursive: true, force: true }));

const CONSUMER = `
import { definePlayer, type OpenairPlayerElement, type PlayerStatus } from 'openair-player';
import { OpenairEmbed } from 'openair-player/embed-api';
import { OpenairPlayer } from 'openair-player/react';
definePlayer();
const element = document.querySelector('openair-player') as OpenairPlayerElement;
element.seek(4);
const phase: PlayerStatus['phase'] | undefined = element.status?.phase;
const embed = new OpenairEmbed(document.querySelector('iframe')!);
const where: Promise<{ positionS: number }> = embed.getPosition();
export const page = <OpenairPlayer src="x" onStatus={({ behindS }) => behindS?.toFixed(1)} ref={(player) => player?.goLive()} />;
export { phase, where };
`;

function typeCheck(code: string, resolution: 'bundler' | 'nodenext'): string {
  const project = join(room, 'project');
  writeFileSync(join(project, 'consumer.tsx'), code);
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  const options = {
    strict: true,
    noEmit: true,
    jsx: 'react-jsx',
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    module: resolution === 'bundler' ? 'ESNext' : 'NodeNext',
    moduleResolution: resolution,
    types: [],
    skipLibCheck: false,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['consumer.tsx'] }));
  try {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript-native/bin/tsc'), '-p', project], {
      encoding: 'utf8',
    });
    return '';
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

describe('the npm package', () => {
  test('holds what it names and nothing else', () => {
    const sorted = files.filter((path) => !path.startsWith('dist/types/')).sort();
    expect(sorted).toEqual([
      'LICENSE',
      'README.md',
      'dist/embed-api.js',
      'dist/engine.js',
      'dist/extras.js',
      'dist/index.js',
      'dist/react.js',
      'dist/seats.js',
      'package.json',
    ]);
    const manifest = JSON.parse(readFileSync(join(room, 'project/node_modules/openair-player/package.json'), 'utf8'));
    for (const { types, default: code } of Object.values<{ types: string; default: string }>(manifest.exports)) {
      expect(files).toContain(types.slice(2));
      expect(files).toContain(code.slice(2));
    }
    expect(manifest.dependencies).toBeUndefined();
  });

  test.each(['bundler', 'nodenext'] as const)('type-checks in a project of its own (%s), libraries included', (how) => {
    expect(typeCheck(CONSUMER, how)).toBe('');
  });

  test('has types that catch a mistake', () => {
    expect(typeCheck(CONSUMER.replace('seek(4)', "seek('4')"), 'bundler')).toContain("'string' is not assignable");
  });

  test('names the licence of the engine in the file that holds it', () => {
    const engine = readFileSync(join(room, 'project/node_modules/openair-player/dist/engine.js'), 'utf8');
    expect(engine.slice(0, 300)).toContain('hls.js 1.7.4');
    expect(engine.slice(0, 300)).toContain('Apache-2.0');
    const seats = readFileSync(join(room, 'project/node_modules/openair-player/dist/seats.js'), 'utf8');
    expect(seats.slice(0, 300)).toContain('livekit-client 2.23.0');
  });

  test('is one element and a thin React form around it', () => {
    const react = readFileSync(join(room, 'project/node_modules/openair-player/dist/react.js'), 'utf8');
    expect(react.startsWith("'use client'") || react.startsWith('"use client"')).toBe(true);
    expect(react).toContain('./index.js');
    expect(react.length).toBeLessThan(5_000);
  });
});
