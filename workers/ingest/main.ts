import pino from 'pino';
import { openBus } from '#bus/open-bus';
import { childEnvironment, readConfig } from './config.ts';
import { createMetrics, openHealthServer } from './health.ts';
import { openRtmpServer } from './rtmp/server.ts';
import { createIngressCommands } from './service/commands.ts';
import { createKeyLookup } from './service/keys.ts';
import { createIngestReports } from './service/reports.ts';
import { LiveIngests } from './supervise/live-ingests.ts';
import { MediaChildren } from './supervise/media-child.ts';
import { Occupancy } from './supervise/occupancy.ts';
import { connectRoomService } from './supervise/room-service.ts';
import { openWhipServer } from './whip/server.ts';
import { WhipSessions } from './whip/sessions.ts';

const REPORTS_FLUSH_MS = 2_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = pino({
    level: config.LOG_LEVEL,
    base: { name: 'ingest' },
    redact: [
      'streamKey',
      '*.streamKey',
      'token',
      '*.token',
      'authorization',
      '*.authorization',
      'err.config',
      'err.request',
    ],
  });
  const bus = openBus({ redisUrl: config.REDIS_URL, log });
  const outside = {
    bus,
    internalUrl: config.OPENAIR_INTERNAL_URL,
    serviceSecret: config.OPENAIR_SERVICE_SECRET,
    log,
  };
  const keys = createKeyLookup(outside);
  const reports = createIngestReports(outside);
  const commands = createIngressCommands({ bus, log });
  const rooms = connectRoomService({
    url: config.LIVEKIT_URL,
    apiKey: config.LIVEKIT_API_KEY,
    apiSecret: config.LIVEKIT_API_SECRET,
  });
  const occupancy = new Occupancy();
  const children = new MediaChildren(childEnvironment(), (text) => log.warn({ text }, 'media process'));
  const shared = { keys, reports, commands, rooms, occupancy, log };
  const ingests = new LiveIngests({
    ...shared,
    children,
    graceMs: config.INGEST_GRACE_S * 1000,
    maxIngests: config.INGEST_MAX,
  });
  const sessions = new WhipSessions(shared);
  const host = config.OPENAIR_BIND;
  const rtmp = await openRtmpServer({
    host: config.INGEST_RTMP_BIND ?? host,
    port: config.INGEST_RTMP_PORT,
    log,
    admit: (wish, publisher) => ingests.admit({ ...wish, protocol: 'rtmp' }, publisher),
  });
  const whip = await openWhipServer({ host, port: config.INGEST_WHIP_PORT, sessions, log });
  let isEnding = false;
  const registry = createMetrics(() => {
    const modes = ingests.list().map((ingest) => ingest.mode);
    return {
      rtmpConnections: rtmp.connections(),
      copied: modes.filter((mode) => mode === 'copy').length,
      transcoded: modes.filter((mode) => mode === 'transcode').length,
      whip: sessions.describe().length,
    };
  });
  const health = await openHealthServer({
    host,
    port: config.INGEST_HEALTH_PORT,
    registry,
    describe: () => ({
      ok: !isEnding && bus.isConnected(),
      detail: isEnding ? 'ending' : bus.isConnected() ? 'taking encoders' : 'no connection to Redis',
      ingests: [...ingests.list().map((ingest) => ingest.describe()), ...sessions.describe()],
    }),
  });
  log.info({ rtmp: rtmp.port, whip: whip.port, health: health.port }, 'ingest worker: taking encoders');

  async function end(signal: string): Promise<void> {
    if (isEnding) return;
    isEnding = true;
    log.info({ signal }, 'ingest worker: ending');
    await Promise.all([rtmp.close('the server is being restarted'), ingests.close(), sessions.close(), whip.close()]);
    await children.close();
    await reports.flush(REPORTS_FLUSH_MS);
    reports.close();
    keys.close();
    await commands.close();
    await Promise.all([bus.close(), health.close()]);
    process.exit(0);
  }
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
