import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** What an operator may set for a native install, in the environment or in `.env` (the environment wins). `.env.example` explains them. */
export const OVERRIDABLE = [
  'NODE_ENV',
  'LOG_LEVEL',
  'OPENAIR_DOMAIN',
  'OPENAIR_PUBLIC_IP',
  'OPENAIR_ACME_EMAIL',
  'OPENAIR_ADMIN_EMAIL',
  'OPENAIR_ADMIN_PASSWORD',
  'OPENAIR_API_KEY',
  'OPENAIR_SECRET',
  'OPENAIR_SERVICE_SECRET',
  'OPENAIR_ALLOW_TARGETS',
  'OPENAIR_MAX_BROADCASTS',
  'OPENAIR_RUNGS',
  'OPENAIR_VIDEO_ENCODERS',
  'OPENAIR_VIDEO_DEVICE',
  'OPENAIR_X264_PRESET',
  'OPENAIR_RECONNECT_WINDOW_S',
  'INGEST_SRT_PASSPHRASE',
  'INGEST_SRT_LATENCY_MS',
  'INGEST_TLS_CERT_FILE',
  'INGEST_TLS_KEY_FILE',
  'INGEST_GRACE_S',
  'INGEST_MAX',
  'INGEST_TRANSCODE_IDLE',
  'OPENAIR_DVR_S',
  'OPENAIR_SEATS',
  'DATABASE_URL',
  'LIVEKIT_API_KEY',
  'LIVEKIT_API_SECRET',
  'TURN_SECRET',
  'REDIS_PASSWORD',
  'S3_ENDPOINT',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
  'S3_BUCKET',
  'S3_REGION',
] as const;

export type Overrides = Partial<Record<(typeof OVERRIDABLE)[number], string>>;

/** Reads what the operator set; empty values count as not set. */
export function readOverrides(repo: string, environment: NodeJS.ProcessEnv): Overrides {
  const file = join(repo, '.env');
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return Object.fromEntries(
    OVERRIDABLE.map((name) => [name, environment[name] || written[name]] as const).filter(([, value]) =>
      Boolean(value),
    ),
  ) as Overrides;
}
