import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Install } from '../install.ts';
import type { PartSpec } from '../supervise/part.ts';
import { httpAnswers, tcpAnswers } from '../supervise/ready-checks.ts';
import { baseEnv } from './base-env.ts';

export function livekitPart(install: Install): PartSpec {
  const url = `http://127.0.0.1:${install.ports.livekit}/`;
  return {
    name: 'livekit',
    kind: 'service',
    after: ['redis'],
    launch: () => ({
      command: join(install.repo, '.openair/bin/livekit-server'),
      args: ['--config', join(install.home, 'config/livekit.yaml')],
      env: baseEnv(),
    }),
    // 406 means that its own statistics are old, which follows Redis: it answers, and that is enough.
    isReady: () => httpAnswers(url),
    // The first TERM waits for every participant to leave, the second does not.
    stopSignals: ['SIGTERM', 'SIGTERM'],
    stopWithinMs: 5000,
  };
}

export function coturnPart(install: Install): PartSpec {
  return {
    name: 'coturn',
    kind: 'service',
    after: [],
    launch() {
      mkdirSync(join(install.home, 'data/coturn'), { recursive: true, mode: 0o700 });
      return { command: 'turnserver', args: ['-c', join(install.home, 'config/turnserver.conf')], env: baseEnv() };
    },
    isReady: () => tcpAnswers(install.ports.turn),
    stopWithinMs: 3000,
  };
}

export function edgePart(install: Install): PartSpec {
  const data = join(install.home, 'data/caddy');
  return {
    name: 'edge',
    kind: 'service',
    after: [],
    launch() {
      mkdirSync(data, { recursive: true, mode: 0o700 });
      return {
        command: 'caddy',
        args: ['run', '--config', join(install.home, 'config/Caddyfile'), '--adapter', 'caddyfile'],
        env: { ...baseEnv(), XDG_DATA_HOME: data, XDG_CONFIG_HOME: data },
      };
    },
    isReady: () => tcpAnswers(install.env.OPENAIR_URL?.startsWith('https:') ? 443 : install.ports.edge),
    stopWithinMs: 5000,
  };
}
