import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Install } from '../bench/lib/install.ts';
import { eventually } from '../bench/lib/install.ts';
import { baseEnv } from '../native/parts/base-env.ts';
import { identify, type ProcessIdentity } from '../native/supervise/process-identity.ts';
import { freePort } from '../nginx/run-nginx.ts';

export type SecondWorker = { identity: ProcessIdentity; end(): Promise<void> };
export type SecondEgressWorker = SecondWorker & { healthUrl: string };

/** Another egress worker beside the install's own, with the same configuration and a health port of its own. */
export async function startSecondWorker({ home, env }: Install): Promise<SecondEgressWorker> {
  const healthPort = await freePort();
  const file = readFileSync(join(home, 'config/egress.yaml'), 'utf8');
  const body = file.replace(/^health_port: .*$/m, `health_port: ${healthPort}`);
  const { OPENAIR_ALLOW_TARGETS = '', OPENAIR_OWN_PORTS = '' } = env;
  const own = { NODE_ENV: 'production', OPENAIR_ALLOW_TARGETS, OPENAIR_OWN_PORTS, EGRESS_CONFIG_BODY: body };
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  return { ...(await startBeside('workers/egress/main.ts', own, `${healthUrl}/livez`, 'SIGINT')), healthUrl };
}

/** Another control worker beside the install's own. */
export async function startSecondControl({ env }: Install): Promise<SecondWorker> {
  const port = await freePort();
  const own = { ...env, CONTROL_PORT: String(port) };
  return startBeside('workers/control/main.ts', own, `http://127.0.0.1:${port}/healthz`, 'SIGTERM');
}

async function startBeside(
  file: string,
  env: Record<string, string>,
  health: string,
  stop: NodeJS.Signals,
): Promise<SecondWorker> {
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    env: { ...baseEnv(), ...env } as NodeJS.ProcessEnv,
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  await eventually(`${file} answers`, async () => (await fetch(health)).ok, 30_000);
  const identity = child.pid ? identify(child.pid) : null;
  if (!identity) throw new Error(`${file} could not be started`);
  return {
    identity,
    async end() {
      child.kill(stop);
      const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(force);
    },
  };
}
