import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError } from '#core/shared/app-error';
import { OurPageKeys, type PageConfig, PageKeys, readPageConfig } from './page-config.ts';
import { type EncoderPlan, HARDWARE_ENCODERS, type PushTargets, type StoragePlan, X264_PRESETS } from './plan.ts';
import { checkKeys } from './service/config-keys.ts';

/** What the egress worker was told from outside: parsed once, owned afterwards. */
export type EgressConfig = {
  livekit: { url: string; apiKey: string; apiSecret: string };
  redisUrl: string;
  bind: string;
  /** Null = off. */
  healthPort: number | null;
  prometheusPort: number | null;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Used when a request brings none. */
  storage: StoragePlan | null;
  /** Put before every object key, '' or with trailing slash. */
  storagePrefix: string;
  /** Manifests hold addresses that open the objects for a week. */
  presigned: boolean;
  /** Takes what an output's storage refused, whichever that is; never for our own shows. */
  backup: StoragePlan | null;
  cost: {
    /** Share of all cores that egresses may use, 0 to 1. */
    maxLoad: number;
    maxEgresses: number;
    /** Cores; a set value is a floor under the estimate. */
    floors: {
      room: number;
      audioRoom: number;
      participant: number;
      trackComposite: number;
      track: number;
      web: number;
      audioWeb: number;
    };
    /** Cores of a WebRTC program, added while seats are wanted. */
    seats: number;
  };
  /** Longest run in ms, null = none. */
  limits: {
    streamsMs: number | null;
    segmentsMs: number | null;
    filesMs: number | null;
    imagesMs: number | null;
    /** Largest file in bytes; about, since it is known before the file is made. */
    fileBytes: number | null;
  };
  partMs: number;
  /** Undefined = x264 alone. */
  encoders: EncoderPlan | undefined;
  page: PageConfig;
  /** Private addresses that pushes may reach, and our own ports, which they may not. */
  targets: PushTargets;
  /** Null = the system's temporary folder. */
  spoolFolder: string | null;
  /** Most bytes one egress may keep there; the oldest go. */
  spoolBytes: number;
  /** One media process more than there are egresses, loaded and waiting. */
  spareProcess: boolean;
  /** How long running egresses may go on after SIGTERM, ms; null = without limit. */
  drainMs: number | null;
  /** Environment of the pipeline's child processes: nothing secret, the plan goes by IPC. */
  childEnv: Record<string, string>;
};

/** Secrets that appear in examples; refused outside development. */
const KNOWN_SECRETS = ['secret', 'devkey', 'changeme', 'minioadmin', 'password', 'openair', 'your', 'api_secret'];
const CHILD_ENV = [
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'NODE_ENV',
  'LD_LIBRARY_PATH',
  'TMPDIR',
  'LIBVA_DRIVER_NAME',
  'LIBVA_DRIVERS_PATH',
  'CUDA_VISIBLE_DEVICES',
  'NODE_EXTRA_CA_CERTS',
];

/** Publishing 720p30 over WebRTC beside the ladder: 0.12 to 0.15 by `npm run bench:egress`, with some room. */
const SEATS_CORES = 0.2;

const missing = (what: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined || input === null ? `is missing: ${what}` : what),
});
const text = (what: string) => z.string(missing(what)).min(1, what);
const port = z.coerce.number({ error: 'must be a port' }).int().min(0).max(65_535).default(0);
const flag = z.boolean({ error: 'must be true or false' }).default(false);
const cores = z.number({ error: 'must be a number of cores' }).min(0).default(0);

/** Go's durations: `90s`, `1h30m`, `500ms`; a bare 0 is off. */
const duration = z.union([z.string(), z.literal(0)]).transform((value, context) => {
  if (value === 0 || value === '0' || value === '') return null;
  const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(value)) {
    context.addIssue({ code: 'custom', message: 'must be a duration such as 90s or 1h30m' });
    return z.NEVER;
  }
  let ms = 0;
  for (const [, number, unit] of value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) {
    ms += Number(number) * (unitMs[unit ?? ''] ?? 0);
  }
  return ms;
});

/** A YAML list, or one text with commas as in the environment. */
const list = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (typeof value === 'string' ? splitList(value) : value), z.array(item));
const splitList = (text: string | undefined) =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const S3Block = z.object({
  access_key: text("the storage's access key"),
  secret: text("the storage's secret key"),
  region: z.string().default('us-east-1'),
  endpoint: z.url('must be an http(s) origin such as http://127.0.0.1:8810').optional(),
  bucket: text('the name of a bucket'),
  force_path_style: flag,
  session_token: z.string().default(''),
});

const FileSchema = z.object({
  api_key: text("LiveKit's API key"),
  api_secret: text("LiveKit's API secret"),
  ws_url: z
    .string(missing("LiveKit's address, ws://host:port"))
    .regex(/^wss?:\/\/[^\s/]+/, 'must be ws://… or wss://…'),
  redis: z.object(
    {
      address: z
        .string(missing('host:port of the Redis that livekit-server uses'))
        .regex(/^[^\s:]+:\d+$|^\[[^\]]+\]:\d+$/, 'must be host:port'),
      username: z.string().default(''),
      password: z.string().default(''),
      db: z.int().min(0).default(0),
      use_tls: flag,
    },
    missing('the Redis that livekit-server uses'),
  ),
  health_port: port,
  prometheus_port: port,
  logging: z.object({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  storage: z
    .object({ prefix: z.string().default(''), generate_presigned_url: flag, s3: S3Block.optional() })
    .prefault({}),
  backup: z.object({ s3: S3Block }).optional(),
  cpu_cost: z
    .object({
      max_cpu_utilization: z.number().gt(0).max(1).optional(),
      room_composite_cpu_cost: cores,
      audio_room_composite_cpu_cost: cores,
      participant_cpu_cost: cores,
      track_composite_cpu_cost: cores,
      track_cpu_cost: cores,
      web_cpu_cost: cores,
      audio_web_cpu_cost: cores,
    })
    .prefault({}),
  session_limits: z
    .object({
      stream_output_max_duration: duration.default(null),
      segment_output_max_duration: duration.default(null),
      file_output_max_duration: duration.default(null),
      image_output_max_duration: duration.default(null),
      file_output_max_size: z.int({ error: 'must be a number of bytes' }).min(0).default(0),
    })
    .prefault({}),
  ...PageKeys,
  openair: z
    .object({
      ...OurPageKeys,
      bind: z.string().min(1).default('127.0.0.1'),
      development: flag,
      max_load: z.number({ error: 'must be a share of all cores, 0 to 1' }).gt(0).max(1).optional(),
      max_egresses: z.int().min(1).default(32),
      seats_cpu_cost: z.number({ error: 'must be a number of cores' }).gt(0).default(SEATS_CORES),
      part_ms: z.number().min(50).max(1_000).default(213.34),
      drain_timeout: duration.default(null),
      allow_targets: list(z.string()).optional(),
      own_ports: list(z.coerce.number().int().min(1).max(65_535)).optional(),
      spare_process: z.boolean({ error: 'must be true or false' }).default(true),
      spool_folder: z.string().optional(),
      spool_mb: z.int().min(16).default(1024),
      video_encoders: list(
        z.enum(['libx264', ...HARDWARE_ENCODERS], { error: `must be of libx264, ${HARDWARE_ENCODERS.join(', ')}` }),
      ).default([]),
      video_device: z.string().default(''),
      x264_preset: z
        .enum(['auto', ...X264_PRESETS], { error: `must be auto or of ${X264_PRESETS.join(', ')}` })
        .default('auto'),
    })
    .prefault({}),
});
type FileShape = z.infer<typeof FileSchema>;

function secretProblems(file: FileShape): string[] {
  if (file.openair.development) return [];
  const known = (value: string) => KNOWN_SECRETS.some((word) => value.toLowerCase().startsWith(word));
  const problems: string[] = [];
  const make = 'make one with: openssl rand -base64 32 (or set openair.development: true on a machine of your own)';
  if (file.api_secret.length < 32) problems.push(`api_secret: must have at least 32 characters; ${make}`);
  else if (known(file.api_secret)) problems.push(`api_secret: is an example value; ${make}`);
  for (const place of ['storage', 'backup'] as const) {
    const secret = file[place]?.s3?.secret;
    if (secret !== undefined && known(secret)) problems.push(`${place}.s3.secret: is an example value; ${make}`);
  }
  return problems;
}

function redisUrlOf(redis: FileShape['redis']): string {
  const login =
    redis.username || redis.password
      ? `${encodeURIComponent(redis.username)}:${encodeURIComponent(redis.password)}@`
      : '';
  return `${redis.use_tls ? 'rediss' : 'redis'}://${login}${redis.address}/${redis.db}`;
}

function storageOf(s3: z.infer<typeof S3Block>): StoragePlan {
  const region = s3.region || 'us-east-1';
  return {
    endpoint: s3.endpoint ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket: s3.bucket,
    accessKey: s3.access_key,
    secretKey: s3.secret,
    forcePathStyle: s3.force_path_style,
    ...(s3.session_token ? { sessionToken: s3.session_token } : {}),
  };
}

/** What stands behind x264 in the list is never tried: x264 is always to be had. */
function encodersOf({ video_encoders, video_device, x264_preset }: FileShape['openair']): EncoderPlan | undefined {
  const names: EncoderPlan['names'] = [];
  for (const name of video_encoders) {
    if (name === 'libx264') break;
    if (!names.includes(name)) names.push(name);
  }
  const preset = x264_preset === 'auto' ? undefined : x264_preset;
  if (names.length === 0 && !preset) return undefined;
  return { names, device: video_device || null, ...(preset && { preset }) };
}

function toConfig(file: FileShape, environment: Record<string, string | undefined>): EgressConfig {
  const { s3, prefix } = file.storage;
  const cleanPrefix = prefix.replace(/^\/+|\/+$/g, '');
  return {
    livekit: { url: file.ws_url, apiKey: file.api_key, apiSecret: file.api_secret },
    redisUrl: redisUrlOf(file.redis),
    bind: file.openair.bind,
    healthPort: file.health_port || null,
    prometheusPort: file.prometheus_port || null,
    logLevel: file.logging.level,
    storage: s3 ? storageOf(s3) : null,
    presigned: file.storage.generate_presigned_url,
    backup: file.backup ? storageOf(file.backup.s3) : null,
    storagePrefix: cleanPrefix ? `${cleanPrefix}/` : '',
    cost: {
      maxLoad: file.openair.max_load ?? file.cpu_cost.max_cpu_utilization ?? 0.8,
      maxEgresses: file.openair.max_egresses,
      floors: {
        room: file.cpu_cost.room_composite_cpu_cost,
        audioRoom: file.cpu_cost.audio_room_composite_cpu_cost,
        participant: file.cpu_cost.participant_cpu_cost,
        trackComposite: file.cpu_cost.track_composite_cpu_cost,
        track: file.cpu_cost.track_cpu_cost,
        web: file.cpu_cost.web_cpu_cost,
        audioWeb: file.cpu_cost.audio_web_cpu_cost,
      },
      seats: file.openair.seats_cpu_cost,
    },
    limits: {
      streamsMs: file.session_limits.stream_output_max_duration,
      segmentsMs: file.session_limits.segment_output_max_duration,
      filesMs: file.session_limits.file_output_max_duration,
      imagesMs: file.session_limits.image_output_max_duration,
      fileBytes: file.session_limits.file_output_max_size || null,
    },
    partMs: file.openair.part_ms,
    encoders: encodersOf(file.openair),
    page: readPageConfig(file, environment.PATH),
    targets: { allow: file.openair.allow_targets ?? [], denyPorts: file.openair.own_ports ?? [] },
    spoolFolder: file.openair.spool_folder || null,
    spoolBytes: file.openair.spool_mb * 1024 * 1024,
    spareProcess: file.openair.spare_process,
    drainMs: file.openair.drain_timeout,
    childEnv: Object.fromEntries(
      CHILD_ENV.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
    ),
  };
}

/** Fallbacks LiveKit's egress takes from the environment. */
const FALLBACKS: [key: string, variable: string][] = [
  ['api_key', 'LIVEKIT_API_KEY'],
  ['api_secret', 'LIVEKIT_API_SECRET'],
  ['ws_url', 'LIVEKIT_WS_URL'],
];
/** Fallbacks of the `openair` block: the same names as in the other processes. */
const OUR_FALLBACKS: [key: string, variable: string][] = [
  ['allow_targets', 'OPENAIR_ALLOW_TARGETS'],
  ['own_ports', 'OPENAIR_OWN_PORTS'],
  ['video_encoders', 'OPENAIR_VIDEO_ENCODERS'],
  ['video_device', 'OPENAIR_VIDEO_DEVICE'],
  ['x264_preset', 'OPENAIR_X264_PRESET'],
];

function withFallbacks(raw: object, environment: Record<string, string | undefined>): Record<string, unknown> {
  // A key written without a value means the same as a missing key.
  const set = (block: object) => Object.fromEntries(Object.entries(block).filter(([, value]) => value !== null));
  const given: Record<string, unknown> = set(raw);
  for (const [key, variable] of FALLBACKS) {
    if (given[key] === undefined || given[key] === '') given[key] = environment[variable] || undefined;
  }
  if (given.openair === undefined || (typeof given.openair === 'object' && given.openair !== null)) {
    const ours: Record<string, unknown> = set(given.openair ?? {});
    for (const [key, variable] of OUR_FALLBACKS) ours[key] ??= environment[variable];
    given.openair = ours;
  }
  return given;
}

function bad(problems: string[]): AppError {
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
  return new AppError('bad-configuration', {
    blame: 'operator',
    retry: 'after-edit',
    message: `egress.yaml has ${count}:\n${problems.map((line) => `  ${line}`).join('\n')}`,
  });
}

/**
 * Reads egress.yaml's text.
 * @param environment gives the fallbacks `LIVEKIT_API_KEY`, `LIVEKIT_API_SECRET`, `LIVEKIT_WS_URL`, `OPENAIR_ALLOW_TARGETS`,
 *   `OPENAIR_OWN_PORTS`, `OPENAIR_VIDEO_ENCODERS`, `OPENAIR_VIDEO_DEVICE`
 * @returns the configuration and LiveKit's keys that have no meaning here
 * @throws AppError 'bad-configuration' that lists every problem, each with its key
 */
export function readEgressConfig(
  body: string,
  environment: Record<string, string | undefined> = {},
): { config: EgressConfig; ignored: string[] } {
  let raw: unknown;
  try {
    raw = parse(body) ?? {};
  } catch (error) {
    throw bad([`is not valid YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`]);
  }
  const { problems, ignored } = checkKeys(raw);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw bad(problems);
  const given = withFallbacks(raw, environment);
  const read = FileSchema.safeParse(given);
  if (!read.success) {
    const told = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw bad([...problems, ...told.filter((line) => !problems.includes(line))]);
  }
  problems.push(...secretProblems(read.data));
  if (problems.length > 0) throw bad(problems);
  return { config: toConfig(read.data, environment), ignored };
}

/**
 * The worker's own configuration: EGRESS_CONFIG_BODY, or the file EGRESS_CONFIG_FILE names.
 * @throws AppError 'bad-configuration'
 */
export function loadEgressConfig(): { config: EgressConfig; ignored: string[] } {
  const { EGRESS_CONFIG_BODY, EGRESS_CONFIG_FILE } = process.env;
  if (EGRESS_CONFIG_BODY) return readEgressConfig(EGRESS_CONFIG_BODY, process.env);
  if (!EGRESS_CONFIG_FILE) throw bad(['set EGRESS_CONFIG_FILE to the path of egress.yaml (or EGRESS_CONFIG_BODY)']);
  let body: string;
  try {
    body = readFileSync(EGRESS_CONFIG_FILE, 'utf8');
  } catch (error) {
    throw bad([`EGRESS_CONFIG_FILE cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
  return readEgressConfig(body, process.env);
}
