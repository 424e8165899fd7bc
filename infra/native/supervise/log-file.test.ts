import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from './log-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openair-log-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a log never grows over its bound, and keeps so many older files', () => {
  const log = new LogFile(join(folder, 'web.log'), 10, 2);
  for (const line of ['one is long\n', 'two is long\n', 'three is long\n', 'four is long\n']) log.write(line);
  log.close();
  expect(readdirSync(folder).sort()).toEqual(['web.log', 'web.log.1', 'web.log.2']);
  expect(readFileSync(join(folder, 'web.log'), 'utf8')).toBe('four is long\n');
  expect(readFileSync(join(folder, 'web.log.2'), 'utf8')).toBe('two is long\n');
});

test('a log that cannot be begun anew writes on where it was, and into no other file', () => {
  const place = join(folder, 'logs');
  const log = new LogFile(join(place, 'web.log'), 10, 0);
  log.write('one is long\n');
  rmSync(place, { recursive: true });
  log.write('two is long\n');
  // Whoever opens a file now would get the number of a handle that was let go of.
  const other = new LogFile(join(folder, 'other.log'));
  log.write('three is long\n');
  other.write('mine\n');
  log.close();
  other.write('still mine\n');
  other.close();
  expect(readFileSync(join(folder, 'other.log'), 'utf8')).toBe('mine\nstill mine\n');
});
