import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readEnv } from '#wiring/env';
import { readConfig } from '../../workers/ingest/config.ts';
import { renderFiles, TEMPLATES } from '../native/settings/render-files.ts';
import { findProblems } from '../native/settings/template-settings.ts';
import { composeProblems, composeSettings } from './compose-settings.ts';

const REPO = join(import.meta.dirname, '../..');
const text = readFileSync(join(REPO, 'docker-compose.yml'), 'utf8');
type Service = {
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, unknown>;
  healthcheck?: unknown;
  restart?: string;
  deploy?: { resources: { limits: { cpus: string; memory: string } } };
};
const compose = parse(text, { merge: true }) as { services: Record<string, Service>; volumes: Record<string, unknown> };
const services = Object.entries(compose.services);

const good = {
  OPENAIR_DOMAIN: 'live.example.org',
  OPENAIR_PUBLIC_IP: '198.51.100.7',
  OPENAIR_SECRET: 'k'.repeat(40),
  OPENAIR_SERVICE_SECRET: 'l'.repeat(40),
  OPENAIR_API_KEY: 'm'.repeat(40),
  OPENAIR_ADMIN_PASSWORD: 'n'.repeat(16),
  LIVEKIT_API_KEY: 'APIkey',
  LIVEKIT_API_SECRET: 'q'.repeat(40),
  TURN_SECRET: 'r'.repeat(40),
  REDIS_PASSWORD: 't'.repeat(40),
  POSTGRES_PASSWORD: 'u'.repeat(40),
  S3_ACCESS_KEY: 'vvvvvvvv',
  S3_SECRET_KEY: 'w'.repeat(40),
};

/** As compose fills in `${NAME}` and `${NAME:-default}`, the default may hold a `${NAME}` itself. */
function interpolate(value: string, env: Record<string, string>): string {
  return value
    .replace(
      /\$\{([A-Z0-9_]+):-((?:[^{}]|\{[^}]*\})*)\}/g,
      (_, name: string, otherwise: string) => env[name] || otherwise,
    )
    .replace(/\$\{([A-Z0-9_]+)\}/g, (_, name: string) => env[name] ?? '');
}

function environmentOf(name: string): Record<string, string> {
  const entries = Object.entries(compose.services[name]?.environment ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, interpolate(String(value), good)]));
}

describe('docker-compose.yml', () => {
  test('fills in the same templates as the native start, and mounts what is rendered from them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'openair-compose-'));
    try {
      renderFiles(REPO, folder, composeSettings(good), { development: false, problems: composeProblems(good) });
      const mounted = ['livekit.yaml', 'turnserver.conf', 'Caddyfile', 'egress.yaml'];
      for (const file of mounted) {
        expect(existsSync(join(folder, file))).toBe(true);
        expect(text).toContain(`/config/${file}`);
      }
      expect(TEMPLATES).toHaveLength(mounted.length);
      expect(parse(readFileSync(join(folder, 'livekit.yaml'), 'utf8')).rtc.turn_servers).toHaveLength(3);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('tells our processes what their own parsers accept', () => {
    for (const name of ['setup', 'web', 'realtime', 'playback', 'control'])
      expect(() => readEnv(environmentOf(name))).not.toThrow();
    expect(() => readConfig(environmentOf('ingest'))).not.toThrow();
    expect(readEnv(environmentOf('web')).DATABASE_URL).toBe(
      `postgres://openair:${good.POSTGRES_PASSWORD}@postgres:5432/openair`,
    );
  });

  test('runs files that exist', () => {
    for (const [, service] of services) {
      for (const part of service.command ?? [])
        if (part.endsWith('.ts')) expect(existsSync(join(REPO, part))).toBe(true);
    }
  });

  test('publishes the edge, RTMP, SRT, TURN and media, and nothing else', () => {
    const publishing = services.filter(([, service]) => service.ports).map(([name]) => name);
    expect(publishing.sort()).toEqual(['coturn', 'edge', 'ingest', 'livekit']);
    expect(compose.services.livekit?.ports?.some((port) => port.includes('7880'))).toBe(false);
    expect(compose.services.ingest?.ports).toEqual(['1935:1935', '9710:9710/udp']);
  });

  test('pins each image, restarts and limits each service, and names each volume', () => {
    for (const [name, service] of services) {
      expect(service.image, name).toMatch(/:v?\d+\.\d+/);
      expect(service.restart, name).toBeDefined();
      if (name === 'config' || name === 'setup') continue;
      expect(service.deploy?.resources.limits.memory, name).toMatch(/^\d+[mg]$/);
      for (const volume of service.volumes ?? []) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      for (const other of Object.keys(service.depends_on ?? {})) expect(Object.keys(compose.services)).toContain(other);
    }
    for (const name of ['web', 'realtime', 'playback', 'control', 'ingest', 'egress', 'postgres', 'redis', 'storage']) {
      expect(compose.services[name]?.healthcheck, name).toBeDefined();
    }
  });

  test('gives the process that parses encoders neither database nor storage', () => {
    const names = Object.keys(compose.services.ingest?.environment ?? {});
    expect(names.filter((name) => /DATABASE|S3_|OPENAIR_SECRET|ADMIN/.test(name))).toEqual([]);
  });
});

test('an empty .env is refused with every missing setting', () => {
  const told = [...composeProblems({}), ...findProblems(composeSettings({}), false)].join('\n');
  for (const name of Object.keys(good)) expect(told).toContain(`${name} `);
});

test('.env.example names every setting, and no value', () => {
  const example = readFileSync(join(REPO, '.env.example'), 'utf8');
  for (const name of Object.keys(good)) expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
  expect(example.split('\n').filter((line) => /^[A-Z0-9_]+=.+/.test(line))).toEqual([]);
  const asked = new Set([...text.matchAll(/\$\{([A-Z0-9_]+)/g)].map((match) => match[1] ?? ''));
  for (const name of asked) expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
});
