import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openRedisRegister } from './redis-register.ts';
import { describeRegisterContract } from './register.contract.ts';

const home = process.env.OPENAIR_TEST_HOME ?? '';
const env = JSON.parse(readFileSync(join(home, 'env.json'), 'utf8')) as Record<string, string>;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

// A database of its own: the install's worker sweeps the other one.
const redisUrl = (env.REDIS_URL ?? '').replace(/\/\d*$/, '').concat('/15');
describeRegisterContract('redis', () => ({
  open: (workerId) => openRedisRegister(redisUrl, workerId, quiet),
  pass: (ms) => wait(ms),
}));
