import { isIP } from 'node:net';
import { z } from 'zod';

/** Values that stand in examples and in other projects' documentation. */
const KNOWN = [
  'secret',
  'devsecret',
  'devopenair',
  'changeme',
  'minioadmin',
  'password',
  'openair',
  'example',
  'replace',
];

const isKnown = (value: string) => KNOWN.some((known) => value.toLowerCase().startsWith(known));
const refuseKnown = { error: 'is an example value; make one with: openssl rand -base64 32' };

const port = z.string().refine((text) => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535, {
  error: 'must be a port, 1 to 65535',
});
const ip = z.string().refine((text) => isIP(text) !== 0, { error: 'must be an IP address' });
const host = z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'must be a host name or an IP address');
const address = z.string().regex(/^[A-Za-z0-9._-]+:\d+$/, 'must be host:port');
const url = (protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`,
  });
const secret = z.string().min(32, 'must have at least 32 characters; make one with: openssl rand -base64 32');
const word = z.string().regex(/^[^\s"']+$/, 'must be one word without quotes');
const optional = z.string().optional();

/**
 * What livekit.yaml, egress.yaml, turnserver.conf and infra/caddy/Caddyfile are filled in with. The native start derives all of it;
 * under compose infra/docker/render-config.ts does.
 */
const shape = {
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' }),

  LIVEKIT_PORT: port,
  LIVEKIT_BIND: z.union([ip, z.literal('')]),
  LIVEKIT_TCP_PORT: z.union([port, z.literal('0')]),
  LIVEKIT_UDP_START: port,
  LIVEKIT_UDP_END: port,
  LIVEKIT_NODE_IP: ip,
  LIVEKIT_LOOPBACK: z.enum(['true', 'false']),
  LIVEKIT_ONLY_NETWORK: optional,
  LIVEKIT_API_KEY: word.min(3, 'must have at least 3 characters'),
  LIVEKIT_API_SECRET: secret,
  LIVEKIT_WS_URL: url(['ws:', 'wss:']),
  LIVEKIT_WEBHOOK_URL: url(['http:', 'https:']),

  REDIS_ADDRESS: address,
  REDIS_PASSWORD: secret,

  OPENAIR_RTMP_URL: url(['rtmp:', 'rtmps:']),
  OPENAIR_WHIP_URL: url(['http:', 'https:']),

  TURN_HOST: host,
  TURN_TLS_HOST: optional,
  TURN_BIND: ip,
  TURN_PORT: port,
  TURN_TLS_PORT: optional,
  TURN_RELAY_IP: ip,
  TURN_EXTERNAL_IP: optional,
  TURN_RELAY_START: port,
  TURN_RELAY_END: port,
  TURN_REALM: host,
  TURN_SECRET: secret,
  TURN_CERT_FILE: optional,
  TURN_KEY_FILE: optional,
  TURN_LOOPBACK_FLAG: optional,
  TURN_STATE_DIR: word,

  EGRESS_HEALTH_PORT: port,
  EGRESS_BIND: ip,
  EGRESS_SPOOL_FOLDER: word,
  EGRESS_DRAIN_TIMEOUT: z.string().regex(/^(0|(\d+(h|m|s))+)$/, 'must be a duration such as 90s or 1h30m, or 0'),
  S3_ENDPOINT: url(['http:', 'https:']),
  S3_ACCESS_KEY: word.min(3, 'must have at least 3 characters'),
  S3_SECRET_KEY: word.min(8, 'must have at least 8 characters'),
  S3_BUCKET: word.min(3, 'must have at least 3 characters'),
  S3_REGION: word,

  EDGE_SITES: z.string().min(1, 'must name the addresses the edge answers for'),
  EDGE_BIND: optional,
  EDGE_AUTO_HTTPS: optional,
  EDGE_EMAIL: optional,
  WEB_UPSTREAM: address,
  REALTIME_UPSTREAM: address,
  PLAYBACK_UPSTREAM: address,
  LIVEKIT_UPSTREAM: address,
  WHIP_UPSTREAM: address,
};

/** Passwords and keys that must be the install's own. */
export const SECRET_NAMES = ['LIVEKIT_API_SECRET', 'REDIS_PASSWORD', 'TURN_SECRET', 'S3_SECRET_KEY'] as const;

export const TEMPLATE_NAMES = Object.keys(shape);

/** Names that may be empty: a template line that asks for one with `${?NAME}` is left out then. */
export const OPTIONAL_NAMES = Object.entries(shape)
  .filter(([, check]) => check.safeParse(undefined).success)
  .map(([name]) => name);

/**
 * @param values what the templates would be filled with
 * @param development example secrets are allowed
 * @returns a line for each problem, naming the setting; empty when all is well
 */
export function findProblems(values: Record<string, string | undefined>, development: boolean): string[] {
  const read = z.object(shape).safeParse(values);
  const problems = (read.error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0]);
    return values[name] === undefined || (values[name] === '' && name !== 'LIVEKIT_BIND')
      ? `${name} is missing`
      : `${name} ${issue.message}`;
  });
  if (!development) {
    for (const name of SECRET_NAMES) {
      if (values[name] && isKnown(values[name])) problems.push(`${name} ${refuseKnown.error}`);
    }
  }
  const [start, end] = [Number(values.LIVEKIT_UDP_START), Number(values.LIVEKIT_UDP_END)];
  if (start > end) problems.push('LIVEKIT_UDP_END must not be below LIVEKIT_UDP_START');
  if (Number(values.TURN_RELAY_START) > Number(values.TURN_RELAY_END)) {
    problems.push('TURN_RELAY_END must not be below TURN_RELAY_START');
  }
  return [...new Set(problems)];
}

/** Name → text, as the templates take it. */
export type RenderValues = Record<string, string>;
