import type { Install } from '../install.ts';

export type FirstThings = {
  /** One use, short life; null when an admin has signed in already or the web process could not make one. */
  signInLink: string | null;
  demoUrl: string | null;
  problems: string[];
};

/** After everything is healthy: the admin's sign-in link and the demo channel. Neither keeps a start from succeeding. */
export async function makeFirstThings(install: Install): Promise<FirstThings> {
  const problems: string[] = [];
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      problems.push(`${what}: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  };
  const signInLink = await attempt('The sign-in link could not be made', () => askSignInLink(install));
  const demoUrl = await attempt('The demo channel could not be made', () => keepDemoChannel(install));
  return { signInLink, demoUrl, problems };
}

async function askSignInLink({ env }: Install): Promise<string> {
  const answer = await call(
    `${env.OPENAIR_INTERNAL_URL}/api/internal/sign-in-link`,
    env.OPENAIR_SERVICE_SECRET ?? '',
    {},
  );
  if (typeof answer.body.url !== 'string') throw new Error(`the web process answered ${answer.status}`);
  return answer.body.url;
}

async function keepDemoChannel({ env }: Install): Promise<string> {
  const api = `${env.OPENAIR_INTERNAL_URL}/api/v1/channels`;
  const key = env.OPENAIR_API_KEY ?? '';
  const found = await call(`${api}/demo`, key);
  if (found.status === 404) {
    const made = await call(api, key, { handle: 'demo', name: 'Demo' });
    if (made.status >= 300) throw new Error(`the API answered ${made.status}: ${JSON.stringify(made.body)}`);
  } else if (found.status !== 200) throw new Error(`the API answered ${found.status}`);
  return `${env.OPENAIR_URL}/demo`;
}

type Answer = { status: number; body: Record<string, unknown> };

/** @param post sent as JSON; without it the call is a GET */
async function call(url: string, bearer: string, post?: object): Promise<Answer> {
  const response = await fetch(url, {
    method: post ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${bearer}`, ...(post ? { 'content-type': 'application/json' } : {}) },
    ...(post ? { body: JSON.stringify(post) } : {}),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: {} };
  }
}
