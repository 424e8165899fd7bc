import { join } from 'node:path';
import type { Overrides } from './overrides.ts';
import { ownPorts, type Ports, portsFrom } from './ports.ts';
import type { Secrets } from './secrets.ts';

/** Where the web process takes LiveKit's webhooks. */
export const WEBHOOK_PATH = '/api/webhooks/livekit';

export type NativeSettings = {
  /** For our processes, see app/_wiring/env.ts; written to HOME/env.json. */
  env: Record<string, string>;
  /** For the templates, see template-settings.ts. */
  values: Record<string, string>;
  problems: string[];
};

/**
 * Everything a native install is told, from its ports, its secrets and what the operator set. Without OPENAIR_DOMAIN all of it is on
 * loopback and plain http; with it the edge has certificates, one origin, and media leaves by OPENAIR_PUBLIC_IP.
 */
export function nativeSettings(home: string, base: number, secrets: Secrets, given: Overrides): NativeSettings {
  const ports = portsFrom(base);
  const own = { ...secrets, ...given };
  const domain = given.OPENAIR_DOMAIN;
  const problems: string[] = [];
  if (domain && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(domain)) {
    problems.push('OPENAIR_DOMAIN must be a host name with a dot, for example live.example.org');
  }
  if (domain && !given.OPENAIR_PUBLIC_IP) {
    problems.push('OPENAIR_PUBLIC_IP is missing; with OPENAIR_DOMAIN set, browsers send media to this address');
  }
  const open = domain ? publicAddresses(domain, ports) : loopbackAddresses(ports);
  const storage = given.S3_ENDPOINT ?? `http://127.0.0.1:${ports.storage}`;
  const env: Record<string, string> = {
    NODE_ENV: given.NODE_ENV ?? 'production',
    LOG_LEVEL: given.LOG_LEVEL ?? 'info',
    OPENAIR_URL: open.url,
    OPENAIR_PLAYBACK_URL: open.playbackUrl,
    OPENAIR_INTERNAL_URL: `http://127.0.0.1:${ports.web}`,
    OPENAIR_SECRET: own.OPENAIR_SECRET,
    OPENAIR_SERVICE_SECRET: own.OPENAIR_SERVICE_SECRET,
    OPENAIR_API_KEY: own.OPENAIR_API_KEY,
    OPENAIR_ADMIN_EMAIL: given.OPENAIR_ADMIN_EMAIL ?? 'admin@openair.localhost',
    OPENAIR_ADMIN_PASSWORD: own.OPENAIR_ADMIN_PASSWORD,
    // A loopback install may push to servers beside it (tests, a local relay); never to its own ports.
    OPENAIR_ALLOW_TARGETS: given.OPENAIR_ALLOW_TARGETS ?? (domain ? '' : '127.0.0.0/8'),
    OPENAIR_OWN_PORTS: ownPorts(base).join(','),
    OPENAIR_MAX_BROADCASTS: given.OPENAIR_MAX_BROADCASTS ?? '10',
    OPENAIR_RUNGS: given.OPENAIR_RUNGS ?? '720p',
    OPENAIR_VIDEO_ENCODERS: given.OPENAIR_VIDEO_ENCODERS ?? '',
    OPENAIR_VIDEO_DEVICE: given.OPENAIR_VIDEO_DEVICE ?? '',
    OPENAIR_X264_PRESET: given.OPENAIR_X264_PRESET || 'auto',
    OPENAIR_RECONNECT_WINDOW_S: given.OPENAIR_RECONNECT_WINDOW_S ?? '120',
    OPENAIR_DVR_S: given.OPENAIR_DVR_S ?? '1800',
    OPENAIR_SEATS: given.OPENAIR_SEATS ?? '',
    OPENAIR_BIND: '127.0.0.1',
    DATABASE_URL:
      given.DATABASE_URL ?? `postgres://openair:${secrets.POSTGRES_PASSWORD}@127.0.0.1:${ports.postgres}/openair`,
    REDIS_URL: `redis://:${encodeURIComponent(own.REDIS_PASSWORD)}@127.0.0.1:${ports.redis}/0`,
    S3_ENDPOINT: storage,
    S3_ACCESS_KEY: own.S3_ACCESS_KEY,
    S3_SECRET_KEY: own.S3_SECRET_KEY,
    S3_BUCKET: given.S3_BUCKET ?? 'openair',
    S3_REGION: given.S3_REGION ?? 'us-east-1',
    LIVEKIT_URL: `http://127.0.0.1:${ports.livekit}`,
    LIVEKIT_PUBLIC_URL: open.livekitUrl,
    LIVEKIT_API_KEY: own.LIVEKIT_API_KEY,
    LIVEKIT_API_SECRET: own.LIVEKIT_API_SECRET,
    OPENAIR_RTMP_URL: open.rtmpUrl,
    OPENAIR_WHIP_URL: `${open.url}/whip`,
    OPENAIR_SRT_URL: `srt://${domain ?? '127.0.0.1'}:${ports.srt}`,
    WEB_PORT: String(ports.web),
    REALTIME_PORT: String(ports.realtime),
    PLAYBACK_PORT: String(ports.playback),
    CONTROL_PORT: String(ports.controlHealth),
    INGEST_RTMP_PORT: String(ports.rtmp),
    // Encoders come from outside; everything else of the ingest worker stays on OPENAIR_BIND.
    ...(domain ? { INGEST_RTMP_BIND: '0.0.0.0' } : {}),
    INGEST_SRT_PORT: String(ports.srt),
    ...ingestSettings(given, ports, home, domain),
    INGEST_WHIP_PORT: String(ports.whip),
    INGEST_HEALTH_PORT: String(ports.ingestHealth),
    EGRESS_CONFIG_FILE: join(home, 'config/egress.yaml'),
  };
  const values = {
    ...env,
    ...templateValues(home, ports, own, env),
    ...(domain ? outside(domain, given, ports, home) : inside(ports)),
  };
  return { env, values, problems };
}

/** RTMPS where there is a certificate: the operator's, or the edge's. And what the operator set of the ingest worker's own. */
function ingestSettings(
  given: Overrides,
  ports: Ports,
  home: string,
  domain: string | undefined,
): Record<string, string> {
  const edge = domain ? edgeCertificate(home, domain) : null;
  const cert = given.INGEST_TLS_CERT_FILE ?? edge?.cert;
  const key = given.INGEST_TLS_KEY_FILE ?? edge?.key;
  const names = [
    'INGEST_SRT_PASSPHRASE',
    'INGEST_SRT_LATENCY_MS',
    'INGEST_GRACE_S',
    'INGEST_MAX',
    'INGEST_TRANSCODE_IDLE',
  ] as const;
  const set = names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const]));
  return {
    ...(cert && key
      ? { INGEST_RTMPS_PORT: String(ports.rtmps), INGEST_TLS_CERT_FILE: cert, INGEST_TLS_KEY_FILE: key }
      : {}),
    ...Object.fromEntries(set),
  };
}

/** Where Caddy keeps what Let's Encrypt gave it. */
function edgeCertificate(home: string, domain: string): { cert: string; key: string } {
  const folder = join(home, `data/caddy/caddy/certificates/acme-v02.api.letsencrypt.org-directory/${domain}`);
  return { cert: join(folder, `${domain}.crt`), key: join(folder, `${domain}.key`) };
}

type Addresses = { url: string; playbackUrl: string; livekitUrl: string; rtmpUrl: string };

function loopbackAddresses(ports: Ports): Addresses {
  return {
    url: `http://127.0.0.1:${ports.edge}`,
    playbackUrl: `http://127.0.0.1:${ports.playback}`,
    livekitUrl: `ws://127.0.0.1:${ports.edge}`,
    rtmpUrl: `rtmp://127.0.0.1:${ports.rtmp}/live`,
  };
}

function publicAddresses(domain: string, ports: Ports): Addresses {
  return {
    url: `https://${domain}`,
    playbackUrl: `https://${domain}`,
    livekitUrl: `wss://${domain}`,
    rtmpUrl: `rtmp://${domain}:${ports.rtmp}/live`,
  };
}

function templateValues(
  home: string,
  ports: Ports,
  own: Secrets & Overrides,
  env: Record<string, string>,
): Record<string, string> {
  return {
    LOG_LEVEL: env.LOG_LEVEL === 'silent' ? 'error' : (env.LOG_LEVEL ?? 'info'),
    LIVEKIT_PORT: String(ports.livekit),
    LIVEKIT_BIND: '127.0.0.1',
    LIVEKIT_UDP_START: String(ports.livekitUdpStart),
    LIVEKIT_UDP_END: String(ports.livekitUdpEnd),
    LIVEKIT_WS_URL: `ws://127.0.0.1:${ports.livekit}`,
    LIVEKIT_WEBHOOK_URL: `http://127.0.0.1:${ports.web}${WEBHOOK_PATH}`,
    REDIS_ADDRESS: `127.0.0.1:${ports.redis}`,
    REDIS_PASSWORD: own.REDIS_PASSWORD,
    TURN_SECRET: own.TURN_SECRET,
    TURN_PORT: String(ports.turn),
    TURN_RELAY_START: String(ports.relayStart),
    TURN_RELAY_END: String(ports.relayEnd),
    TURN_STATE_DIR: join(home, 'data/coturn'),
    EGRESS_HEALTH_PORT: String(ports.egressHealth),
    EGRESS_BIND: '127.0.0.1',
    EGRESS_DRAIN_TIMEOUT: '0',
    EGRESS_SPOOL_FOLDER: join(home, 'data/spool'),
    WEB_UPSTREAM: `127.0.0.1:${ports.web}`,
    REALTIME_UPSTREAM: `127.0.0.1:${ports.realtime}`,
    PLAYBACK_UPSTREAM: `127.0.0.1:${ports.playback}`,
    LIVEKIT_UPSTREAM: `127.0.0.1:${ports.livekit}`,
    WHIP_UPSTREAM: `127.0.0.1:${ports.whip}`,
  };
}

/** Loopback only: nothing of this install answers on another address. */
function inside(ports: Ports): Record<string, string> {
  return {
    LIVEKIT_NODE_IP: '127.0.0.1',
    LIVEKIT_LOOPBACK: 'true',
    LIVEKIT_TCP_PORT: '0', // LiveKit would listen on every address, and UDP is never blocked on loopback
    LIVEKIT_ONLY_NETWORK: '127.0.0.1/32',
    TURN_HOST: '127.0.0.1',
    TURN_BIND: '127.0.0.1',
    TURN_RELAY_IP: '127.0.0.1',
    TURN_REALM: 'openair.localhost',
    TURN_LOOPBACK_FLAG: 'allow-loopback-peers',
    EDGE_SITES: `http://127.0.0.1:${ports.edge}, http://localhost:${ports.edge}`,
    EDGE_BIND: '127.0.0.1',
    EDGE_AUTO_HTTPS: 'off',
  };
}

/** Public: certificates from the edge, which coturn reads too; media and TURN on the machine's public address. */
function outside(domain: string, given: Overrides, ports: Ports, home: string): Record<string, string> {
  const address = given.OPENAIR_PUBLIC_IP ?? '';
  const certificate = edgeCertificate(home, domain);
  return {
    LIVEKIT_NODE_IP: address,
    LIVEKIT_LOOPBACK: 'false',
    LIVEKIT_TCP_PORT: String(ports.livekitTcp),
    TURN_HOST: domain,
    TURN_TLS_HOST: domain,
    TURN_TLS_PORT: String(ports.turnTls),
    TURN_BIND: address,
    TURN_RELAY_IP: address,
    TURN_REALM: domain,
    TURN_CERT_FILE: certificate.cert,
    TURN_KEY_FILE: certificate.key,
    EDGE_SITES: domain,
    EDGE_EMAIL: given.OPENAIR_ACME_EMAIL ?? '',
  };
}
