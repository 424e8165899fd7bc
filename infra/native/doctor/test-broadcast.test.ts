import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { Install } from '../install.ts';
import { testBroadcast } from './test-broadcast.ts';

let close = () => {};
afterEach(() => close());

/** An API that answers what it is told, with no ingest. @returns what was asked of it */
async function openApi(answers: Record<string, object>): Promise<{ install: Install; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url?.replace('/api/v1', '')}`;
    asked.push(line);
    const answer = answers[line];
    response.statusCode = answer ? 200 : 503;
    response.end(JSON.stringify(answer ?? { error: { code: 'away', message: 'Nobody is there.' } }));
  }).listen(0, '127.0.0.1');
  close = () => void server.close();
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const env = { OPENAIR_URL: `http://127.0.0.1:${port}`, OPENAIR_API_KEY: 'key' };
  return { install: { env } as unknown as Install, asked };
}

test('what a doctor that was killed left open on its channel is ended first; what ended is left alone', async () => {
  const { install, asked } = await openApi({
    'GET /channels/doctor': {},
    'GET /channels/doctor/broadcasts': {
      items: [
        { id: 'br_old', state: 'live' },
        { id: 'br_idle', state: 'backstage' },
        { id: 'br_done', state: 'ended' },
      ],
    },
    'POST /broadcasts/br_old/end': {},
    'POST /broadcasts/br_idle/end': {},
  });
  await expect(testBroadcast(install)).rejects.toThrow(/ingest answers 503: Nobody is there/);
  expect(asked).toEqual([
    'GET /channels/doctor',
    'GET /channels/doctor/broadcasts',
    'POST /broadcasts/br_old/end',
    'POST /broadcasts/br_idle/end',
    'GET /channels/doctor/ingest',
    'POST /channels/doctor/ingest/rotate',
  ]);
});
