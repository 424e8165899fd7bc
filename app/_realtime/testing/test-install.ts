import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Env, readEnv } from '#wiring/env';

/** Settings of the running install that the stack tests go against; its home is OPENAIR_TEST_HOME. */
export function readTestEnv(): Env {
  const home = process.env.OPENAIR_TEST_HOME;
  if (!home) throw new Error('OPENAIR_TEST_HOME is not set: a stack test needs the home of a running install');
  return readEnv(JSON.parse(readFileSync(path.join(home, 'env.json'), 'utf8')));
}
