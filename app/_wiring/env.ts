import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { RUNG_NAMES } from '#core/broadcast/choose-program';
import { AppError } from '#core/shared/app-error';
import { seatsBorne } from './seats-borne.ts';

/** Secrets that appear in examples; refused outside development. */
const KNOWN_SECRETS = ['secret', 'devkey', 'changeme', 'minioadmin', 'password', 'openair'];

const port = z.coerce.number().int().min(1).max(65_535);
const url = (what: string) => z.url({ error: `must be ${what}` });
const secret = z
  .string({ error: 'is missing; make one with: openssl rand -base64 32' })
  .min(32, 'must have at least 32 characters; make one with: openssl rand -base64 32')
  .refine((value) => !KNOWN_SECRETS.some((known) => value.toLowerCase().startsWith(known)), {
    error: 'is an example value; make one with: openssl rand -base64 32',
  });

/**
 * Everything web, realtime, playback and control are told from outside. The native start and the compose file set these;
 * `.env.example` explains each one.
 */
export const EnvSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),

  /** Origin that browsers see, no trailing slash: `http://127.0.0.1:8800`. */
  OPENAIR_URL: url('an http(s) origin').transform((value) => value.replace(/\/$/, '')),
  /** Origin that players see; on plain http a port of its own, since browsers allow six connections to one. */
  OPENAIR_PLAYBACK_URL: url('an http(s) origin').transform((value) => value.replace(/\/$/, '')),
  OPENAIR_SECRET: secret,
  /** Between our own processes (ingest worker → web's internal API). */
  OPENAIR_SERVICE_SECRET: secret,
  /** The install's API key, may do everything; made by start, kept in credentials.json. */
  OPENAIR_API_KEY: z.string().min(32).optional(),
  OPENAIR_ADMIN_EMAIL: z.email().default('admin@openair.localhost'),
  OPENAIR_ADMIN_PASSWORD: z.string().min(12).optional(),
  /** Comma-separated hosts or CIDRs that destinations may reach although they are private. */
  OPENAIR_ALLOW_TARGETS: z.string().default(''),
  /** Our own ports, never a target: comma-separated. */
  OPENAIR_OWN_PORTS: z.string().default(''),
  OPENAIR_MAX_BROADCASTS: z.coerce.number().int().min(1).default(10),
  /** Rungs of a broadcast whose host chose none: comma-separated names, the largest is the picture's size. */
  OPENAIR_RUNGS: z
    .string()
    .default('720p')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.tuple([z.enum(RUNG_NAMES)], z.enum(RUNG_NAMES))),
  /** How long host and encoder may be gone before the broadcast ends, seconds. */
  OPENAIR_RECONNECT_WINDOW_S: z.coerce.number().int().min(0).max(1800).default(120),

  /** How far back viewers may go while a broadcast runs, s; 86400 = as far as any broadcast lasts. */
  OPENAIR_DVR_S: z.coerce.number().int().min(30).max(86_400).default(1800),

  /** Viewers who may watch over WebRTC at once, over all broadcasts; 0 = none. By default what a quarter of this machine's cores bears. */
  OPENAIR_SEATS: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(() => seatsBorne(availableParallelism())),

  DATABASE_URL: url('a postgres:// URL'),
  REDIS_URL: url('a redis:// URL'),

  S3_ENDPOINT: url('an http(s) origin'),
  S3_ACCESS_KEY: z.string().min(3),
  S3_SECRET_KEY: z.string().min(8),
  S3_BUCKET: z.string().min(3).default('openair'),
  S3_REGION: z.string().default('us-east-1'),

  /** LiveKit as our processes reach it: `http://127.0.0.1:8804`. */
  LIVEKIT_URL: url('an http(s) origin'),
  /** LiveKit as browsers reach it: `ws://127.0.0.1:8800` behind the edge. */
  LIVEKIT_PUBLIC_URL: url('a ws(s) origin'),
  LIVEKIT_API_KEY: z.string().min(3),
  LIVEKIT_API_SECRET: secret,

  /** Shown to streamers: `rtmp://127.0.0.1:8806/live`, `http://127.0.0.1:8800/whip`. */
  OPENAIR_RTMP_URL: url('an rtmp(s) URL'),
  OPENAIR_WHIP_URL: url('an http(s) URL'),
  /** `srt://127.0.0.1:8819`; absent where SRT is off. */
  OPENAIR_SRT_URL: z
    .string()
    .regex(/^srt:\/\/[^\s?]+$/, 'must be an srt URL')
    .optional(),

  WEB_PORT: port.default(8802),
  REALTIME_PORT: port.default(8803),
  PLAYBACK_PORT: port.default(8801),
  CONTROL_PORT: port.default(8815),
  /** Where the other processes tell how they are; by default the ports of the block that WEB_PORT lies in. */
  REALTIME_HEALTH_URL: url('an http URL').optional(),
  PLAYBACK_HEALTH_URL: url('an http URL').optional(),
  CONTROL_HEALTH_URL: url('an http URL').optional(),
  EGRESS_HEALTH_URL: url('an http URL').optional(),
  INGEST_HEALTH_URL: url('an http URL').optional(),
  /** Address our processes listen on. */
  OPENAIR_BIND: z.string().default('127.0.0.1'),
});

export type Env = Readonly<z.infer<typeof EnvSchema>>;

/**
 * Parses the environment once.
 * @throws AppError 'bad-configuration' that lists every problem, each with its key
 */
export function readEnv(raw: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== ''));
  const read = EnvSchema.safeParse(given);
  if (read.success) return Object.freeze(read.data);
  const lines = read.error.issues.map((issue) => {
    const key = issue.path.join('.');
    const missing = given[key] === undefined;
    return `  ${key}: ${missing && !issue.message.includes('missing') ? `is missing; it ${issue.message.replace(/^Invalid input.*/, 'must be set')}` : issue.message}`;
  });
  throw new AppError('bad-configuration', {
    blame: 'operator',
    retry: 'after-edit',
    message: `The configuration has ${lines.length} problem${lines.length === 1 ? '' : 's'}:\n${lines.join('\n')}`,
  });
}

let cached: Env | undefined;

/** The process's own environment, parsed at first use (never at import: `next build` has none). */
export function env(): Env {
  cached ??= readEnv(process.env);
  return cached;
}
