import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readEnv } from '#wiring/env';
import { appProblems } from './app-problems.ts';
import { fillTemplate, namesIn } from './fill-template.ts';
import { nativeSettings } from './native-settings.ts';
import { renderFiles, TEMPLATES } from './render-files.ts';
import { keepSecrets } from './secrets.ts';
import { OPTIONAL_NAMES, TEMPLATE_NAMES } from './template-settings.ts';

const REPO = join(import.meta.dirname, '../../..');
const production = { development: false };
let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'openair-settings-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const rendered = (name: string) => readFileSync(join(home, 'config', name), 'utf8');

function render(given: Record<string, string> = {}, change: Record<string, string> = {}) {
  const { env, values, problems } = nativeSettings(home, 8800, keepSecrets(home), given);
  renderFiles(
    REPO,
    join(home, 'config'),
    { ...values, ...change },
    {
      ...production,
      problems: [...problems, ...appProblems({ ...env, ...change })],
    },
  );
  return { env, values };
}

function refusal(given: Record<string, string>, change: Record<string, string> = {}): string {
  try {
    render(given, change);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

describe('the files in the root', () => {
  test('render to files that only their owner may read, with nothing left to fill in', () => {
    const { values } = render();
    for (const name of ['livekit.yaml', 'egress.yaml', 'turnserver.conf', 'Caddyfile']) {
      const settings = rendered(name)
        .split('\n')
        .filter((line) => !/^\s*#/.test(line));
      expect(settings.join('\n')).not.toContain('${');
      expect(statSync(join(home, 'config', name)).mode & 0o777).toBe(0o600);
    }
    const livekit = parse(rendered('livekit.yaml'));
    expect(livekit).toMatchObject({
      port: 8804,
      bind_addresses: ['127.0.0.1'],
      keys: { [values.LIVEKIT_API_KEY!]: values.LIVEKIT_API_SECRET },
      room: { auto_create: false, empty_timeout: 3600, departure_timeout: 3600 },
      webhook: { urls: ['http://127.0.0.1:8802/api/webhooks/livekit'] },
    });
    expect(livekit.rtc.turn_servers.map((one: { protocol: string }) => one.protocol)).toEqual(['udp', 'tcp']);
    expect(parse(rendered('egress.yaml'))).toMatchObject({
      ws_url: 'ws://127.0.0.1:8804',
      health_port: 8813,
      storage: { s3: { bucket: 'openair' } },
    });
  });

  test('hold no secret themselves', () => {
    for (const template of TEMPLATES) {
      const lines = readFileSync(join(REPO, template), 'utf8').split('\n');
      const secrets = lines.filter((line) => /^[^#]*(secret|password|access_key)["']?\s*[:=]/i.test(line));
      for (const line of secrets) expect(line).toMatch(/\$\{\??[A-Z0-9_]+\}/);
    }
  });

  test('ask for no setting that is unknown, and no setting is asked for by none of them', () => {
    const asked = new Set(TEMPLATES.flatMap((template) => namesIn(readFileSync(join(REPO, template), 'utf8'))));
    expect([...asked].filter((name) => !TEMPLATE_NAMES.includes(name))).toEqual([]);
    expect(TEMPLATE_NAMES.filter((name) => !asked.has(name))).toEqual([]);
  });

  test('ask for a setting that may be empty only where the line can be left out', () => {
    for (const template of TEMPLATES) {
      const lines = readFileSync(join(REPO, template), 'utf8').split('\n');
      for (const line of lines.filter((one) => !/^\s*#/.test(one))) {
        const must = namesIn(line.replace(/\$\{\?[A-Z0-9_]+\}/g, ''));
        const hasOptional = /\$\{\?/.test(line);
        if (!hasOptional) expect(must.filter((name) => OPTIONAL_NAMES.includes(name))).toEqual([]);
      }
    }
  });
});

describe('coturn', () => {
  test('refuses every special range and lets only LiveKit’s own address through', () => {
    render();
    const lines = rendered('turnserver.conf').split('\n');
    expect(lines.filter((line) => line.startsWith('allowed-peer-ip='))).toEqual(['allowed-peer-ip=127.0.0.1']);
    const denied = lines.filter((line) => line.startsWith('denied-peer-ip=')).join('\n');
    for (const start of [
      '0.0.0.0-',
      '10.0.0.0-',
      '100.64.0.0-',
      '127.0.0.0-',
      '169.254.0.0-',
      '172.16.0.0-',
      '192.168.0.0-',
      '198.18.0.0-',
      '224.0.0.0-',
      '240.0.0.0-',
    ]) {
      expect(denied).toContain(`denied-peer-ip=${start}`);
    }
    for (const start of ['::-', '::ffff:0.0.0.0-', '64:ff9b::-', '2002::-', 'fc00::-', 'fe80::-', 'ff00::-']) {
      expect(denied).toContain(`denied-peer-ip=${start}`);
    }
    for (const flag of ['no-tcp-relay', 'no-cli', 'use-auth-secret']) expect(lines).toContain(flag);
  });

  test('on a public install has TLS and no way to loopback', () => {
    render({ OPENAIR_DOMAIN: 'live.example.org', OPENAIR_PUBLIC_IP: '198.51.100.7' });
    const lines = rendered('turnserver.conf').split('\n');
    expect(lines).toContain('allowed-peer-ip=198.51.100.7');
    expect(lines).not.toContain('allow-loopback-peers');
    expect(lines.some((line) => line.startsWith('cert=') && line.endsWith('live.example.org.crt'))).toBe(true);
    expect(parse(rendered('livekit.yaml')).rtc).toMatchObject({
      node_ip: '198.51.100.7',
      enable_loopback_candidate: false,
    });
    expect(rendered('Caddyfile')).toMatch(/^live\.example\.org \{/m);
  });
});

describe('wrong settings', () => {
  test('are all told at once, each by its name', () => {
    const told = refusal(
      { OPENAIR_DOMAIN: 'localhost', OPENAIR_ADMIN_EMAIL: 'nobody', S3_ENDPOINT: 'minio', LOG_LEVEL: 'loud' },
      { TURN_PORT: '99999', REDIS_PASSWORD: '' },
    );
    for (const name of [
      'OPENAIR_DOMAIN',
      'OPENAIR_PUBLIC_IP',
      'OPENAIR_ADMIN_EMAIL',
      'S3_ENDPOINT',
      'LOG_LEVEL',
      'TURN_PORT',
      'REDIS_PASSWORD',
    ]) {
      expect(told).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    for (const name of ['REDIS_PASSWORD', 'LOG_LEVEL', 'S3_ENDPOINT'])
      expect(told.match(new RegExp(name, 'g'))).toHaveLength(1);
    expect(told).toMatch(/^\d+ settings are wrong:/);
  });

  test('that are example secrets are refused outside development', () => {
    const example = { LIVEKIT_API_SECRET: 'devopenairsecretdevopenairsecretdevopenair' };
    expect(refusal(example)).toContain(
      'LIVEKIT_API_SECRET is an example value; make one with: openssl rand -base64 32',
    );
    const { values } = nativeSettings(home, 8800, keepSecrets(home), example);
    expect(() => renderFiles(REPO, join(home, 'config'), values, { development: true })).not.toThrow();
  });

  test('cannot break out of the line they stand in', () => {
    expect(refusal({}, { TURN_REALM: 'a\nno-auth' })).toContain('TURN_REALM');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: templates are written so
    const { text } = fillTemplate('key: "${NAME}"', { NAME: 'a", evil: "b' }, 'yaml');
    expect(parse(text)).toEqual({ key: 'a", evil: "b' });
  });
});

test('secrets are made once, are long, and are kept where only their owner may read', () => {
  const first = keepSecrets(home);
  expect(keepSecrets(home)).toEqual(first);
  expect(statSync(join(home, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(new Set(Object.values(first)).size).toBe(Object.keys(first).length);
  for (const name of ['OPENAIR_SECRET', 'OPENAIR_API_KEY', 'TURN_SECRET', 'LIVEKIT_API_SECRET'] as const)
    expect(first[name].length).toBeGreaterThanOrEqual(43);
});

test('what the native start derives is what the app’s own parser accepts, and nothing listens beyond loopback', () => {
  const { env, values } = render();
  expect(readEnv(env)).toMatchObject({
    OPENAIR_URL: 'http://127.0.0.1:8800',
    WEB_PORT: 8802,
    OPENAIR_BIND: '127.0.0.1',
  });
  for (const name of ['LIVEKIT_BIND', 'TURN_BIND', 'EDGE_BIND', 'EGRESS_BIND']) expect(values[name]).toBe('127.0.0.1');
  expect(values.LIVEKIT_TCP_PORT).toBe('0');
  expect(env.OPENAIR_OWN_PORTS?.split(',')).toHaveLength(20);
});
