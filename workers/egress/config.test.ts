import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readEgressConfig } from './config.ts';

const SECRET = 'k3J9x0Qm5Wv7Lr2Tz8Yb4Nc6Hd1Fg0Ap';
const whole = `
api_key: APIkey
api_secret: ${SECRET}
ws_url: ws://127.0.0.1:8804
redis:
  address: 127.0.0.1:8808
  password: p@ss
  db: 2
health_port: 8813
prometheus_port: 8813
logging: { level: warn, json: true }
storage:
  s3:
    access_key: key
    secret: ${SECRET}
    endpoint: http://127.0.0.1:8810
    bucket: openair
    force_path_style: true
cpu_cost: { room_composite_cpu_cost: 0.5, track_cpu_cost: 0.1 }
session_limits: { stream_output_max_duration: 1h30m, file_output_max_size: 5000000 }
template_base: http://127.0.0.1:8800/layouts
openair: { bind: 127.0.0.1, max_load: 0.9, drain_timeout: 30s }
`;

const problemsOf = (body: string, environment = {}) => {
  try {
    readEgressConfig(body, environment);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('a whole file is read, with keys that mean nothing here named', () => {
  const { config, ignored } = readEgressConfig(whole, { PATH: '/bin', OPENAIR_SECRET: 'never' });
  expect(config).toMatchObject({
    livekit: { url: 'ws://127.0.0.1:8804', apiKey: 'APIkey', apiSecret: SECRET },
    redisUrl: 'redis://:p%40ss@127.0.0.1:8808/2',
    healthPort: 8813,
    logLevel: 'warn',
    storage: { endpoint: 'http://127.0.0.1:8810', region: 'us-east-1', bucket: 'openair', forcePathStyle: true },
    cost: { maxLoad: 0.9, floors: { room: 0.5, participant: 0, trackComposite: 0, track: 0.1 } },
    limits: { streamsMs: 5_400_000, segmentsMs: null, fileBytes: 5_000_000 },
    backup: null,
    presigned: false,
    drainMs: 30_000,
    childEnv: { PATH: '/bin' },
  });
  expect(config.childEnv).toEqual({ PATH: '/bin' });
  expect(ignored).toEqual(['logging.json', 'template_base']);
});

test('defaults are those of the design when only the required keys are there', () => {
  const { config } = readEgressConfig(`
api_key: APIkey
api_secret: ${SECRET}
ws_url: wss://livekit.example
redis: { address: "[::1]:6379" }
`);
  expect(config).toMatchObject({
    redisUrl: 'redis://[::1]:6379/0',
    bind: '127.0.0.1',
    healthPort: null,
    prometheusPort: null,
    storage: null,
    cost: { maxLoad: 0.8, maxEgresses: 32 },
    partMs: 213.34,
    drainMs: null,
  });
});

test('every problem is listed at once, an unknown key with the nearest name', () => {
  const message = problemsOf(`
api_key: APIkey
ws_url: http://127.0.0.1
redis: { adress: 127.0.0.1:6379 }
healthport: 8813
storage: { s3: { access_key: a, bucket: "" } }
cpu_cost: { room_composite_cpu_cost: lots }
openair: { drain_timeout: soon }
`);
  for (const line of [
    'healthport: is no known key; did you mean health_port?',
    'redis.adress: is no known key; did you mean address?',
    'api_secret: is missing',
    'ws_url: must be ws://',
    'redis.address: is missing',
    'storage.s3.secret: is missing',
    'storage.s3.bucket: the name of a bucket',
    'cpu_cost.room_composite_cpu_cost: must be a number of cores',
    'openair.drain_timeout: must be a duration',
  ]) {
    expect(message).toContain(line);
  }
});

test('example and short secrets are refused outside development', () => {
  const withSecret = (secret: string, more = '') =>
    problemsOf(`
api_key: k
api_secret: ${secret}
ws_url: ws://h:1
redis: { address: "h:1" }
storage: { s3: { access_key: minioadmin, secret: minioadmin, bucket: openair } }
${more}`);
  expect(withSecret('secret')).toContain('api_secret: must have at least 32 characters');
  expect(withSecret('changeme-changeme-changeme-changeme')).toContain('api_secret: is an example value');
  expect(withSecret(SECRET)).toContain('storage.s3.secret: is an example value');
  const backup = 'backup: { s3: { access_key: a, secret: changeme, bucket: b } }';
  expect(withSecret(SECRET, backup)).toContain('backup.s3.secret: is an example value');
  expect(withSecret('secret', 'openair: { development: true }')).toBe('');
});

test('the environment fills what LiveKit lets it fill', () => {
  const { config } = readEgressConfig('redis: { address: "h:1" }', {
    LIVEKIT_API_KEY: 'k',
    LIVEKIT_API_SECRET: SECRET,
    LIVEKIT_WS_URL: 'ws://h:7',
  });
  expect(config.livekit).toEqual({ url: 'ws://h:7', apiKey: 'k', apiSecret: SECRET });
});

test('targets come from the file, else from the environment the other processes have', () => {
  const base = `api_key: k\napi_secret: ${SECRET}\nws_url: ws://h:1\nredis: { address: "h:1" }\n`;
  const environment = { OPENAIR_ALLOW_TARGETS: '127.0.0.0/8, 10.0.0.5', OPENAIR_OWN_PORTS: '8800,8806' };
  expect(readEgressConfig(base, environment).config.targets).toEqual({
    allow: ['127.0.0.0/8', '10.0.0.5'],
    denyPorts: [8800, 8806],
  });
  const own = `${base}openair: { allow_targets: [192.168.0.0/16], own_ports: "1,2" }`;
  expect(readEgressConfig(own, environment).config.targets).toEqual({ allow: ['192.168.0.0/16'], denyPorts: [1, 2] });
  expect(readEgressConfig(base).config.targets).toEqual({ allow: [], denyPorts: [] });
  expect(problemsOf(`${base}openair: { own_ports: "http" }`)).toContain('openair.own_ports');
});

test('hardware encoders come from the file, else from the environment; x264 ends the list', () => {
  const base = `api_key: k\napi_secret: ${SECRET}\nws_url: ws://h:1\nredis: { address: "h:1" }\n`;
  expect(readEgressConfig(base).config.encoders).toBeUndefined();
  const file = `${base}openair: { video_encoders: [h264_nvenc, h264_vaapi, libx264, h264_qsv], video_device: /dev/dri/renderD129 }`;
  const names = ['h264_nvenc', 'h264_vaapi'];
  expect(readEgressConfig(file).config.encoders).toEqual({ names, device: '/dev/dri/renderD129' });
  const environment = { OPENAIR_VIDEO_ENCODERS: 'h264_qsv', OPENAIR_VIDEO_DEVICE: '' };
  expect(readEgressConfig(base, environment).config.encoders).toEqual({ names: ['h264_qsv'], device: null });
  expect(readEgressConfig(base, { OPENAIR_VIDEO_ENCODERS: '' }).config.encoders).toBeUndefined();
  expect(problemsOf(`${base}openair: { video_encoders: [h265] }`)).toContain(
    'openair.video_encoders.0: must be of libx264, h264_nvenc, h264_vaapi, h264_qsv',
  );
});

test('the effort of x264 is chosen by the machine unless the file or the environment says it', () => {
  const base = `api_key: k\napi_secret: ${SECRET}\nws_url: ws://h:1\nredis: { address: "h:1" }\n`;
  expect(readEgressConfig(`${base}openair: { x264_preset: auto }`).config.encoders).toBeUndefined();
  const chosen = { names: [], device: null, preset: 'faster' };
  expect(readEgressConfig(`${base}openair: { x264_preset: faster }`).config.encoders).toEqual(chosen);
  expect(readEgressConfig(base, { OPENAIR_X264_PRESET: 'faster' }).config.encoders).toEqual(chosen);
  expect(problemsOf(`${base}openair: { x264_preset: placebo }`)).toContain('openair.x264_preset: must be auto or of');
});

test('a media process is kept loaded unless the file says otherwise', () => {
  const base = `api_key: k\napi_secret: ${SECRET}\nws_url: ws://h:1\nredis: { address: "h:1" }\n`;
  expect(readEgressConfig(base).config.spareProcess).toBe(true);
  expect(readEgressConfig(`${base}openair: { spare_process: false }`).config.spareProcess).toBe(false);
  expect(problemsOf(`${base}openair: { spare_process: some }`)).toContain(
    'openair.spare_process: must be true or false',
  );
});

test('the template that is shipped loads, once its names are filled in', () => {
  const template = readFileSync(new URL('../../egress.yaml', import.meta.url), 'utf8');
  const values: Record<string, string> = {
    LIVEKIT_WS_URL: 'ws://127.0.0.1:8804',
    REDIS_ADDRESS: '127.0.0.1:8808',
    EGRESS_HEALTH_PORT: '8813',
    LOG_LEVEL: 'info',
    S3_ENDPOINT: 'http://127.0.0.1:8810',
    S3_REGION: 'us-east-1',
    S3_BUCKET: 'openair',
    EGRESS_BIND: '127.0.0.1',
    EGRESS_DRAIN_TIMEOUT: '30s',
    EGRESS_SPOOL_FOLDER: '/spool',
  };
  const rendered = template.replace(/\$\{(\w+)\}/g, (_whole, name: string) => values[name] ?? SECRET);
  const { config, ignored } = readEgressConfig(rendered);
  expect(config).toMatchObject({ healthPort: 8813, partMs: 213.34, cost: { maxLoad: 0.8 } });
  expect(ignored).toEqual(['logging.json']);
});

test('broken YAML and files that are no block of keys get a sentence', () => {
  expect(problemsOf('a: [')).toContain('is not valid YAML');
  expect(problemsOf('- a\n- b')).toContain('must be a block of keys');
  expect(problemsOf('redis: 5')).toContain('redis: must be a block of keys');
});
