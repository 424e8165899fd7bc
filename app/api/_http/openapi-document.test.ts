import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CALLS, openApiDocument } from './openapi-document.ts';

const ROOT = 'app/api/v1';

/** Every exported method of every route file, as `get /channels/{handle}`. */
async function callsOfRoutes(): Promise<string[]> {
  const files = (await readdir(ROOT, { recursive: true })).filter((file) => path.basename(file) === 'route.ts');
  const calls: string[] = [];
  for (const file of files) {
    const address = `/${path.dirname(file)}`.replace(/\[(\w+)\]/g, '{$1}');
    // The catch-all answers 404 for what is no call.
    if (address.includes('[...')) continue;
    const text = await readFile(path.join(ROOT, file), 'utf8');
    for (const [, method = ''] of text.matchAll(/export (?:const|async function) (GET|POST|PUT|PATCH|DELETE)\b/g)) {
      calls.push(`${method.toLowerCase()} ${address}`);
    }
  }
  return calls.sort();
}

test('every call of the API is in its OpenAPI document, and nothing else is', async () => {
  const routes = await callsOfRoutes();
  expect(routes.length).toBeGreaterThan(20);
  expect(CALLS.map((call) => `${call.method} ${call.path}`).sort()).toEqual(routes);
});

test('the document can be generated and names the fields of an input', () => {
  const document = openApiDocument('http://127.0.0.1:8800');
  const made = document.paths?.['/api/v1/channels/{handle}/broadcasts']?.post;
  expect(JSON.stringify(made)).toContain('"visibility"');
  expect(Object.keys(document.paths ?? {}).length).toBeGreaterThan(15);
});
