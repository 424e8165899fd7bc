import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Credentials = { url: string; apiKey: string; admin: { email: string; password: string } };

/** The running install that `npm run bench:…` and `npm test` started or found. */
export type Install = { home: string; credentials: Credentials; env: Record<string, string> };

/** @throws Error when no install was handed over: benches and stack tests never start one by themselves */
export function openInstall(home = process.env.OPENAIR_TEST_HOME): Install {
  if (!home) throw new Error('OPENAIR_TEST_HOME is not set: run this through its npm script');
  const read = (name: string) => JSON.parse(readFileSync(join(home, name), 'utf8'));
  return { home, credentials: read('credentials.json'), env: read('env.json') };
}

/** One call of the HTTP API with the install's key. @throws Error with the answer's words on 4xx and 5xx */
export async function api<Answer>(
  { credentials }: Install,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const answer = await fetch(`${credentials.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${credentials.apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 400)}`);
  return (text === '' ? null : JSON.parse(text)) as Answer;
}

export type BroadcastAnswer = {
  id: string;
  state: string;
  endReason: string | null;
  watchUrl: string;
  playback: { hls: string };
  destinations: { name: string; state: string; lastError: string | null; bitrate: number | null }[];
};

/** Waits for a condition; never for a time. @throws Error that names the condition and what was last seen */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | null | false | undefined>,
  withinMs = 30_000,
): Promise<Value> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const seen = await look();
      if (seen) return seen;
      last = seen;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`${what}: not within ${withinMs} ms; last seen: ${String(last)}`);
}
