import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const url = (what: string) => z.url({ error: `must be ${what}` }).transform((value) => value.replace(/\/$/, ''));

/** What the ingest worker is told from outside. */
const Schema = z.object({
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** LiveKit as we reach it: `http://127.0.0.1:8804`. Its WHIP endpoint is under the same origin. */
  LIVEKIT_URL: url('an http(s) origin, such as http://127.0.0.1:8804'),
  LIVEKIT_API_KEY: z.string().min(3, 'must have at least 3 characters'),
  LIVEKIT_API_SECRET: z.string().min(32, 'must have at least 32 characters'),
  /** The Redis of LiveKit's bus. */
  REDIS_URL: url('a redis:// URL'),
  /** The web process as we reach it, for stream keys: `http://127.0.0.1:8802`. */
  OPENAIR_INTERNAL_URL: url('an http(s) origin, such as http://127.0.0.1:8802'),
  OPENAIR_SERVICE_SECRET: z.string().min(32, 'must have at least 32 characters'),
  OPENAIR_BIND: z.string().default('127.0.0.1'),
  /** Where encoders reach RTMP; with a domain it is open to the world while everything else stays on loopback. */
  INGEST_RTMP_BIND: z.string().optional(),
  INGEST_RTMP_PORT: port.default(8806),
  /** RTMPS, with a certificate of files that may be renewed while we run; absent: none. */
  INGEST_RTMPS_PORT: port.optional(),
  INGEST_TLS_CERT_FILE: z.string().optional(),
  INGEST_TLS_KEY_FILE: z.string().optional(),
  /** SRT (UDP), on the same address as RTMP; absent: none. */
  INGEST_SRT_PORT: port.optional(),
  /** Every SRT encoder has to know it, and streams are encrypted; absent: streams are not encrypted. */
  INGEST_SRT_PASSPHRASE: z
    .string()
    .regex(/^[\x21-\x24\x27-\x2a\x2c-\x7e]{10,79}$/, 'must have 10 to 79 plain characters, without %, & and +')
    .optional(),
  /** How much of the network's trouble SRT waits out, ms. */
  INGEST_SRT_LATENCY_MS: z.coerce.number().int().min(20).max(8_000).default(120),
  /** Addresses and hosts that may be pulled from although they are not public; and ports that never are. */
  OPENAIR_ALLOW_TARGETS: z.string().default(''),
  OPENAIR_OWN_PORTS: z.string().default(''),
  INGEST_WHIP_PORT: port.default(8807),
  INGEST_HEALTH_PORT: port.default(8814),
  /** How long an encoder's place in the room is kept after its connection ended, seconds. */
  INGEST_GRACE_S: z.coerce.number().int().min(0).max(120).default(15),
  /** Of the cores that a transcode needs, the share that has to be idle before one begins; 0 refuses none. */
  INGEST_TRANSCODE_IDLE: z.coerce.number().min(0).max(4).default(0.6),
  /** Ingests with a media process at the same time; a transcode needs about half a core, a copy a tenth. */
  INGEST_MAX: z.coerce.number().int().min(1).max(500).default(20),
});

export type IngestConfig = Readonly<z.infer<typeof Schema>>;

/** What a media child may see: no secret. */
export function childEnvironment(raw: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, NODE_ENV } = raw;
  return { PATH, HOME, TMPDIR, NODE_ENV: NODE_ENV ?? 'production' };
}

/** @throws Error that lists every problem, each with its name */
export function readConfig(raw: Record<string, string | undefined> = process.env): IngestConfig {
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== ''));
  const read = Schema.safeParse(given);
  if (read.success) return Object.freeze(read.data);
  const lines = read.error.issues.map((issue) => {
    const name = issue.path.join('.');
    return given[name] === undefined ? `  ${name}: is missing` : `  ${name}: ${issue.message}`;
  });
  const count = lines.length === 1 ? 'one problem' : `${lines.length} problems`;
  throw new Error(`The ingest worker's configuration has ${count}:\n${lines.join('\n')}`);
}
