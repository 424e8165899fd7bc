import { createSocket } from 'node:dgram';
import { readdirSync, statfsSync, statSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { RoomServiceClient } from 'livekit-server-sdk';
import { Client as Storage } from 'minio';
import { Client as Postgres } from 'pg';
import type { Install } from '../install.ts';
import { describeState } from '../supervise/describe.ts';
import type { InstallState } from '../supervise/state-file.ts';
import type { Check } from './finding.ts';

const GIB = 1024 ** 3;
const again = 'npm stop && npm start; its log says why';

/** Each part of a running install, asked as its users ask it. */
export function checksOf(install: Install, state: InstallState): Check[] {
  return [...machineChecks(install), ...processChecks(state), ...storeChecks(install), ...doorChecks(install)];
}

function machineChecks({ home }: Install): Check[] {
  return [
    {
      part: 'disk',
      fix: `free space where ${home} lies: recordings are in data/minio`,
      async look() {
        const { bavail, bsize } = statfsSync(home);
        const free = (bavail * bsize) / GIB;
        if (free < 2) throw new Error(`only ${free.toFixed(1)} GiB are free`);
        return `${free.toFixed(0)} GiB free`;
      },
    },
    {
      part: 'memory',
      fix: 'end other programs, or give the machine more: one 720p broadcast needs about 1 GiB beside the rest',
      async look() {
        const free = freemem() / GIB;
        if (free < 0.5) throw new Error(`only ${free.toFixed(1)} GiB are free`);
        return `${free.toFixed(1)} GiB free`;
      },
    },
    {
      part: 'secrets',
      fix: `chmod 600 ${home}/*.json ${home}/config/*`,
      async look() {
        const files = [home, join(home, 'config')].flatMap((folder) =>
          readdirSync(folder, { withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(folder, entry.name)),
        );
        const open = files.filter((file) => (statSync(file).mode & 0o077) !== 0);
        if (open.length > 0) throw new Error(`others may read ${open.join(', ')}`);
        return `${files.length} files, readable by their owner alone`;
      },
    },
  ];
}

function processChecks(state: InstallState): Check[] {
  return Object.entries(state.parts).map(([name, status]) => ({
    part: name,
    fix: `look into ${status.log}`,
    async look() {
      if (status.state !== 'ready' && status.state !== 'done') throw new Error(describeState(status));
      return status.pid === null ? describeState(status) : `${describeState(status)}, process ${status.pid}`;
    },
  }));
}

function storeChecks({ env }: Install): Check[] {
  return [
    {
      part: 'PostgreSQL',
      fix: `${again} (postgres.log); with DATABASE_URL set, see that server`,
      async look() {
        const client = new Postgres({ connectionString: env.DATABASE_URL, connectionTimeoutMillis: 3000 });
        client.on('error', () => undefined);
        await client.connect();
        try {
          const { rows } = await client.query<{ version: string }>('select version()');
          return (rows[0]?.version ?? '').split(' ').slice(0, 2).join(' ');
        } finally {
          await client.end();
        }
      },
    },
    {
      part: 'Redis',
      fix: `${again} (redis.log)`,
      async look() {
        const redis = new Redis(env.REDIS_URL ?? '', { lazyConnect: true, retryStrategy: () => null });
        redis.on('error', () => undefined);
        try {
          await redis.connect();
          const policy = await redis.config('GET', 'maxmemory-policy');
          const [, kept] = policy as [string, string];
          if (kept !== 'noeviction') throw new Error(`it may throw jobs away: maxmemory-policy is ${kept}`);
          return 'answers, evicts nothing';
        } finally {
          redis.disconnect();
        }
      },
    },
    {
      part: 'storage',
      fix: `${again} (storage.log, setup.log); with S3_ENDPOINT set, check that store, its keys and the bucket`,
      look: () => writeAndRead(env),
    },
  ];
}

async function writeAndRead(env: Record<string, string>): Promise<string> {
  const at = new URL(env.S3_ENDPOINT ?? '');
  const storage = new Storage({
    endPoint: at.hostname,
    useSSL: at.protocol === 'https:',
    accessKey: env.S3_ACCESS_KEY ?? '',
    secretKey: env.S3_SECRET_KEY ?? '',
    region: env.S3_REGION ?? 'us-east-1',
    ...(at.port ? { port: Number(at.port) } : {}),
  });
  const bucket = env.S3_BUCKET ?? 'openair';
  const name = `doctor/${Date.now()}.txt`;
  await storage.putObject(bucket, name, 'written by the doctor');
  await storage.statObject(bucket, name);
  await storage.removeObject(bucket, name);
  return `written to and read from bucket ${bucket}`;
}

function doorChecks({ env, ports }: Install): Check[] {
  return [
    {
      part: 'LiveKit API',
      fix: `${again} (livekit.log)`,
      async look() {
        const rooms = await new RoomServiceClient(
          env.LIVEKIT_URL ?? '',
          env.LIVEKIT_API_KEY,
          env.LIVEKIT_API_SECRET,
        ).listRooms();
        return `${rooms.length} rooms`;
      },
    },
    {
      part: 'edge → web',
      fix: `${again} (edge.log, web.log)`,
      async look() {
        const { ok, parts } = await getJson(`${env.OPENAIR_URL}/api/v1/health`);
        const ill = Object.entries((parts ?? {}) as Record<string, { ok: boolean; detail: string }>).filter(
          ([, part]) => !part.ok,
        );
        if (ok !== true) throw new Error(ill.map(([name, { detail }]) => `${name}: ${detail}`).join('; ') || 'not ok');
        return `${env.OPENAIR_URL}, all parts well as web sees them`;
      },
    },
    {
      part: 'edge → LiveKit',
      fix: `${again} (edge.log)`,
      async look() {
        const { status } = await fetch(`${env.OPENAIR_URL}/rtc/validate`, { signal: AbortSignal.timeout(5000) });
        if (status !== 401) throw new Error(`/rtc/validate without a token answers ${status} instead of 401`);
        return 'signalling asks for a token';
      },
    },
    {
      part: 'inner doors',
      fix: 'infra/caddy/Caddyfile lets them through: it must come before the other routes',
      async look() {
        for (const path of ['/api/internal/metrics', '/twirp/livekit.RoomService/ListRooms', '/.env']) {
          const { status } = await fetch(`${env.OPENAIR_URL}${path}`, { signal: AbortSignal.timeout(5000) });
          if (status !== 404) throw new Error(`${path} answers ${status} from outside`);
        }
        return 'closed from outside';
      },
    },
    { part: 'TURN', fix: `${again} (coturn.log)`, look: () => askStun(ports.turn) },
  ];
}

async function getJson(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(8000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}

/** A STUN binding request (RFC 8489, section 5): coturn tells us our own address. */
function askStun(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const request = Buffer.alloc(20);
    request.writeUInt16BE(0x0001, 0);
    request.writeUInt32BE(0x2112a442, 4);
    request.write('openairdoctor', 8, 'latin1');
    const timer = setTimeout(() => {
      socket.close();
      reject(new Error(`no answer on UDP ${port}`));
    }, 3000);
    socket.once('message', (answer) => {
      clearTimeout(timer);
      socket.close();
      if (answer.readUInt16BE(0) === 0x0101) resolve(`answers on UDP ${port}`);
      else reject(new Error('answered with something else than a binding'));
    });
    socket.once('error', reject);
    socket.send(request, port, '127.0.0.1');
  });
}
