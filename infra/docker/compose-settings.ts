import type { RenderValues } from '../native/settings/template-settings.ts';

/** Ports inside the compose network, and the ones published; docker-compose.yml says the same. */
const PORTS = {
  web: 3000,
  realtime: 3001,
  playback: 3002,
  rtmp: 1935,
  whip: 8080,
  health: 9090,
  livekit: 7880,
} as const;

/**
 * What the templates are filled with under compose: names are the compose file's services, the rest is the operator's `.env`.
 * @param given the environment of the `config` service
 */
export function composeSettings(given: Record<string, string | undefined>): RenderValues {
  const domain = given.OPENAIR_DOMAIN ?? '';
  const address = given.OPENAIR_PUBLIC_IP ?? '';
  return {
    LOG_LEVEL: given.LOG_LEVEL || 'info',
    LIVEKIT_PORT: String(PORTS.livekit),
    LIVEKIT_BIND: '0.0.0.0', // of its container: 7880 is not published
    LIVEKIT_TCP_PORT: '7881',
    LIVEKIT_UDP_START: '50000',
    LIVEKIT_UDP_END: '50200',
    LIVEKIT_NODE_IP: address,
    LIVEKIT_LOOPBACK: 'false',
    LIVEKIT_API_KEY: given.LIVEKIT_API_KEY ?? '',
    LIVEKIT_API_SECRET: given.LIVEKIT_API_SECRET ?? '',
    LIVEKIT_WS_URL: `ws://livekit:${PORTS.livekit}`,
    LIVEKIT_WEBHOOK_URL: `http://web:${PORTS.web}/api/webhooks/livekit`,
    REDIS_ADDRESS: 'redis:6379',
    REDIS_PASSWORD: given.REDIS_PASSWORD ?? '',
    OPENAIR_RTMP_URL: domain ? `rtmp://${domain}:${PORTS.rtmp}/live` : '',
    OPENAIR_WHIP_URL: domain ? `https://${domain}/whip` : '',
    TURN_HOST: domain,
    TURN_TLS_HOST: domain,
    TURN_BIND: '0.0.0.0',
    TURN_PORT: '3478',
    TURN_TLS_PORT: '5349',
    TURN_RELAY_IP: '0.0.0.0',
    TURN_EXTERNAL_IP: address,
    TURN_RELAY_START: '49152',
    TURN_RELAY_END: '49200',
    TURN_REALM: domain,
    TURN_SECRET: given.TURN_SECRET ?? '',
    TURN_CERT_FILE: `/data/caddy/certificates/acme-v02.api.letsencrypt.org-directory/${domain}/${domain}.crt`,
    TURN_KEY_FILE: `/data/caddy/certificates/acme-v02.api.letsencrypt.org-directory/${domain}/${domain}.key`,
    TURN_STATE_DIR: '/tmp',
    EGRESS_HEALTH_PORT: String(PORTS.health),
    EGRESS_BIND: '0.0.0.0',
    EGRESS_DRAIN_TIMEOUT: '5m',
    EGRESS_SPOOL_FOLDER: '/spool',
    S3_ENDPOINT: given.S3_ENDPOINT || 'http://storage:9000',
    S3_ACCESS_KEY: given.S3_ACCESS_KEY ?? '',
    S3_SECRET_KEY: given.S3_SECRET_KEY ?? '',
    S3_BUCKET: given.S3_BUCKET || 'openair',
    S3_REGION: given.S3_REGION || 'us-east-1',
    EDGE_SITES: domain,
    EDGE_EMAIL: given.OPENAIR_ACME_EMAIL ?? '',
    WEB_UPSTREAM: `web:${PORTS.web}`,
    REALTIME_UPSTREAM: `realtime:${PORTS.realtime}`,
    PLAYBACK_UPSTREAM: `playback:${PORTS.playback}`,
    LIVEKIT_UPSTREAM: `livekit:${PORTS.livekit}`,
    WHIP_UPSTREAM: `ingest:${PORTS.whip}`,
  };
}

/** Names that `.env` must give under compose and that no template asks for. */
const APP_SECRETS = {
  OPENAIR_SECRET: 32,
  OPENAIR_SERVICE_SECRET: 32,
  OPENAIR_API_KEY: 32,
  OPENAIR_ADMIN_PASSWORD: 12,
  POSTGRES_PASSWORD: 16,
};

/** What is wrong with the operator's own settings: one line each, by name. */
export function composeProblems(given: Record<string, string | undefined>): string[] {
  const problems: string[] = [];
  if (!given.OPENAIR_DOMAIN) problems.push('OPENAIR_DOMAIN is missing');
  if (!given.OPENAIR_PUBLIC_IP) problems.push('OPENAIR_PUBLIC_IP is missing; browsers send media to this address');
  for (const [name, least] of Object.entries(APP_SECRETS)) {
    const value = given[name] ?? '';
    if (value === '') problems.push(`${name} is missing; make one with: openssl rand -hex 32`);
    else if (value.length < least) problems.push(`${name} must have at least ${least} characters`);
    // These stand inside URLs of the compose file.
    else if (name === 'POSTGRES_PASSWORD' && !/^[A-Za-z0-9_-]+$/.test(value)) {
      problems.push(
        `${name} must be letters, digits, - and _ (it stands in a URL); make one with: openssl rand -hex 32`,
      );
    }
  }
  if (given.REDIS_PASSWORD && !/^[A-Za-z0-9_-]+$/.test(given.REDIS_PASSWORD)) {
    problems.push(
      'REDIS_PASSWORD must be letters, digits, - and _ (it stands in a URL); make one with: openssl rand -hex 32',
    );
  }
  return problems;
}
