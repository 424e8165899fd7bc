import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Install } from '../bench/lib/install.ts';
import { eventually } from '../bench/lib/install.ts';
import { freePort } from '../e2e/rtmp-sink.ts';
import { baseEnv } from '../native/parts/base-env.ts';
import { identify, type ProcessIdentity } from '../native/supervise/process-identity.ts';

export type SecondWorker = {
  identity: ProcessIdentity;
  healthPort: number;
  signal(name: NodeJS.Signals): void;
  exited: Promise<number | null>;
  end(): Promise<void>;
};

/** Another egress worker beside the install's own, with the same configuration and a health port of its own. */
export async function startSecondWorker(
  { home, env }: Install,
  more: Record<string, string> = {},
): Promise<SecondWorker> {
  const healthPort = await freePort();
  const body = readFileSync(join(home, 'config/egress.yaml'), 'utf8').replace(
    /^health_port: .*$/m,
    `health_port: ${healthPort}`,
  );
  const { OPENAIR_ALLOW_TARGETS = '', OPENAIR_OWN_PORTS = '' } = env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'workers/egress/main.ts'], {
    env: {
      ...baseEnv(),
      NODE_ENV: 'production',
      OPENAIR_ALLOW_TARGETS,
      OPENAIR_OWN_PORTS,
      EGRESS_CONFIG_BODY: body,
      ...more,
    } as NodeJS.ProcessEnv,
    stdio: 'ignore',
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const answers = () => fetch(`http://127.0.0.1:${healthPort}/livez`).then(({ ok }) => ok);
  await eventually('the second egress worker answers', answers, 30_000);
  const identity = child.pid ? identify(child.pid) : null;
  if (!identity) throw new Error('the second egress worker could not be started');
  return {
    identity,
    healthPort,
    signal: (name) => void child.kill(name),
    exited,
    async end() {
      child.kill('SIGINT');
      const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(force);
    },
  };
}
