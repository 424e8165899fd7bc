import { join } from 'node:path';
import type { Install } from '../install.ts';
import type { PartSpec } from '../supervise/part.ts';
import { httpAnswers, tcpAnswers } from '../supervise/ready-checks.ts';
import { baseEnv } from './base-env.ts';

/** Names of app/_wiring/env.ts: what web, realtime, playback, control and set-up are told. */
const APP_NAMES = [
  'NODE_ENV',
  'LOG_LEVEL',
  'OPENAIR_URL',
  'OPENAIR_PLAYBACK_URL',
  'OPENAIR_SECRET',
  'OPENAIR_SERVICE_SECRET',
  'OPENAIR_API_KEY',
  'OPENAIR_ADMIN_EMAIL',
  'OPENAIR_ADMIN_PASSWORD',
  'OPENAIR_ALLOW_TARGETS',
  'OPENAIR_OWN_PORTS',
  'OPENAIR_MAX_BROADCASTS',
  'OPENAIR_RUNGS',
  'OPENAIR_RECONNECT_WINDOW_S',
  'OPENAIR_DVR_S',
  'OPENAIR_SEATS',
  'DATABASE_URL',
  'REDIS_URL',
  'S3_ENDPOINT',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
  'S3_BUCKET',
  'S3_REGION',
  'LIVEKIT_URL',
  'LIVEKIT_PUBLIC_URL',
  'LIVEKIT_API_KEY',
  'LIVEKIT_API_SECRET',
  'OPENAIR_RTMP_URL',
  'OPENAIR_WHIP_URL',
  'OPENAIR_SRT_URL',
  'WEB_PORT',
  'REALTIME_PORT',
  'PLAYBACK_PORT',
  'CONTROL_PORT',
  'OPENAIR_BIND',
];

/** The ingest worker parses hostile media: no database, no storage (reliability S-52). */
const INGEST_NAMES = [
  'NODE_ENV',
  'LOG_LEVEL',
  'LIVEKIT_URL',
  'LIVEKIT_API_KEY',
  'LIVEKIT_API_SECRET',
  'REDIS_URL',
  'OPENAIR_INTERNAL_URL',
  'OPENAIR_SERVICE_SECRET',
  'INGEST_RTMP_PORT',
  'INGEST_RTMP_BIND',
  'INGEST_RTMPS_PORT',
  'INGEST_TLS_CERT_FILE',
  'INGEST_TLS_KEY_FILE',
  'INGEST_SRT_PORT',
  'INGEST_SRT_PASSPHRASE',
  'INGEST_SRT_LATENCY_MS',
  'INGEST_GRACE_S',
  'INGEST_MAX',
  'INGEST_TRANSCODE_IDLE',
  'OPENAIR_ALLOW_TARGETS',
  'OPENAIR_OWN_PORTS',
  'INGEST_WHIP_PORT',
  'INGEST_HEALTH_PORT',
  'OPENAIR_BIND',
  'OPENAIR_URL',
];
const EGRESS_NAMES = [
  'NODE_ENV',
  'LOG_LEVEL',
  'EGRESS_CONFIG_FILE',
  'OPENAIR_BIND',
  'OPENAIR_ALLOW_TARGETS',
  'OPENAIR_OWN_PORTS',
  'OPENAIR_VIDEO_ENCODERS',
  'OPENAIR_VIDEO_DEVICE',
  'OPENAIR_X264_PRESET',
];

/** Our six processes and the one-shot set-up before them. */
export function ourParts(install: Install): PartSpec[] {
  const { ports } = install;
  const stores = ['redis', ...(install.ownPostgres ? ['postgres'] : []), ...(install.ownStorage ? ['storage'] : [])];
  const url = (port: number, path = '/healthz') => `http://127.0.0.1:${port}${path}`;
  const setup: PartSpec = { ...ours(install, 'setup', 'app/_wiring/setup.ts', APP_NAMES), kind: 'once', after: stores };
  const health = (port: number) => ({
    isReady: () => httpAnswers(url(port)),
    isAlive: () => httpAnswers(url(port), () => true),
  });
  return [
    setup,
    { ...webPart(install), after: ['setup'] },
    { ...ours(install, 'realtime', 'app/_realtime/main.ts', APP_NAMES), after: ['setup'], ...health(ports.realtime) },
    {
      ...ours(install, 'playback', 'app/_playback/main.ts', APP_NAMES, PLAYBACK_NODE),
      after: ['setup'],
      ...health(ports.playback),
    },
    {
      ...ours(install, 'control', 'workers/control/main.ts', APP_NAMES),
      after: ['setup', 'livekit'],
      ...health(ports.controlHealth),
    },
    {
      ...ours(install, 'ingest', 'workers/ingest/main.ts', INGEST_NAMES),
      after: ['redis', 'livekit'],
      ...health(ports.ingestHealth),
      isReady: async () => (await httpAnswers(url(ports.ingestHealth))) && (await tcpAnswers(ports.rtmp)),
      stopSignals: ['SIGINT'], // TERM would wait for every encoder to leave
      stopWithinMs: 8000,
    },
    {
      ...ours(install, 'egress', 'workers/egress/main.ts', EGRESS_NAMES),
      after: ['redis', 'livekit', ...(install.ownStorage ? ['storage'] : [])],
      ...health(ports.egressHealth),
      isReady: () => httpAnswers(url(ports.egressHealth), () => true), // 503 when it cannot accept is an answer
      stopSignals: ['SIGINT'], // TERM would wait for every broadcast to end
      stopWithinMs: 15_000,
    },
  ];
}

/** Thousands of short-lived answers a second: with room for them the collector runs a quarter as often. */
export const PLAYBACK_NODE = ['--max-semi-space-size=64'];

function ours(install: Install, name: string, file: string, names: string[], node: string[] = []): PartSpec {
  return {
    name,
    kind: 'service',
    after: [],
    launch: () => ({
      command: process.execPath,
      args: [...node, '--import', 'tsx', file],
      cwd: install.repo,
      env: { ...baseEnv(), ...pick(install.env, names) },
    }),
    stopWithinMs: 6000,
  };
}

/** The web process runs from HOME/web, the copied standalone build: it needs nothing of the repository. */
function webPart(install: Install): PartSpec {
  const health = `http://127.0.0.1:${install.ports.web}/api/v1/health`;
  return {
    name: 'web',
    kind: 'service',
    after: [],
    launch: () => ({
      command: process.execPath,
      args: [join(install.home, 'web/server.js')],
      cwd: join(install.home, 'web'),
      env: {
        ...baseEnv(),
        ...pick(install.env, APP_NAMES),
        PORT: String(install.ports.web),
        HOSTNAME: '127.0.0.1',
        KEEP_ALIVE_TIMEOUT: '75000', // longer than the edge keeps a connection
        NEXT_TELEMETRY_DISABLED: '1',
      },
    }),
    isReady: () => httpAnswers(health, (status) => status === 200),
    isAlive: () => httpAnswers(health, () => true),
    stopWithinMs: 6000,
  };
}

function pick(env: Record<string, string>, names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
