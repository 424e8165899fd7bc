import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Handle, RESERVED_HANDLES } from './handle.ts';

/** First parts of all page and API addresses: groups in brackets are no part of one. */
async function topLevelRoutes(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const routes: string[] = [];
  for (const entry of entries.filter((one) => one.isDirectory())) {
    if (entry.name.startsWith('_') || entry.name.startsWith('[')) continue;
    if (entry.name.startsWith('(')) routes.push(...(await topLevelRoutes(`${folder}/${entry.name}`)));
    else routes.push(entry.name);
  }
  return routes;
}

test('no channel handle can hide a route', async () => {
  const routes = await topLevelRoutes('app');
  expect(routes).toContain('api');
  // A route with a dot or fewer than three characters can be no handle.
  const possible = routes.filter((route) => /^[a-z0-9-]{3,32}$/.test(route));
  expect(RESERVED_HANDLES).toEqual(expect.arrayContaining(possible));
});

test.each(['abc', 'my-channel', 'a1b', 'x'.repeat(32)])('%s is a handle', (text) => {
  expect(Handle.parse(text)).toBe(text);
});
test('capitals become small letters', () => expect(Handle.parse(' Ada-Lovelace ')).toBe('ada-lovelace'));
test.each([
  'ab',
  'x'.repeat(33),
  '-abc',
  'abc-',
  'a--b',
  'a b',
  'ä-ö',
  'a/b',
  'api',
  'studio',
  '..',
  'a.b',
  'socket.io',
])('“%s” is refused', (text) => expect(Handle.safeParse(text).success).toBe(false));
