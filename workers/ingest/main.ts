import pino from 'pino';
import { openBus } from '#bus/open-bus';
import { childEnvironment, readConfig } from './config.ts';
import { createMetrics, openHealthServer } from './health.ts';
import { watchHeldUp } from './publish/held-up.ts';
import { SourceProcesses } from './pull/source-process.ts';
import { serveStartIngress } from './pull/start-ingress.ts';
import { createTargetGuard } from './pull/target-guard.ts';
import { Recorders } from './record/recorders.ts';
import { createRecordingDesk } from './record/recording-desk.ts';
import type { Publisher } from './rtmp/publisher.ts';
import { openRtmpsWhenReady } from './rtmp/rtmps.ts';
import { openRtmpServer } from './rtmp/server.ts';
import type { PublishWish } from './rtmp/session.ts';
import { createIngressCommands } from './service/commands.ts';
import { createKeyLookup } from './service/keys.ts';
import { createIngestReports } from './service/reports.ts';
import { openSrtServer } from './srt/server.ts';
import { measureMachine, TranscodeAdmission } from './supervise/admission.ts';
import { LiveIngests } from './supervise/live-ingests.ts';
import { MediaChildren } from './supervise/media-child.ts';
import { Occupancy } from './supervise/occupancy.ts';
import { connectRoomService } from './supervise/room-service.ts';
import { openWhipServer } from './whip/server.ts';
import { WhipSessions } from './whip/sessions.ts';

const REPORTS_FLUSH_MS = 2_000;
const RESTARTED = 'the server is being restarted';

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
  const machine = measureMachine();
  const shared = { keys, reports, commands, rooms, occupancy, log };
  const ingests = new LiveIngests({
    ...shared,
    children,
    recorders: new Recorders({ desk: createRecordingDesk(outside), log }),
    graceMs: config.INGEST_GRACE_S * 1000,
    maxIngests: config.INGEST_MAX,
    heldUp: watchHeldUp(),
    admission: new TranscodeAdmission(machine, config.INGEST_TRANSCODE_IDLE),
  });
  const sessions = new WhipSessions(shared);
  const processes = new SourceProcesses(childEnvironment());
  const host = config.OPENAIR_BIND;
  const encoderHost = config.INGEST_RTMP_BIND ?? host;
  const rtmpFront = {
    host: encoderHost,
    log,
    admit: (wish: PublishWish, publisher: Publisher) => ingests.admit({ ...wish, protocol: 'rtmp' }, publisher),
  };
  const rtmp = await openRtmpServer({ ...rtmpFront, port: config.INGEST_RTMP_PORT });
  const rtmps = openRtmpsWhenReady(config, rtmpFront);
  const srt =
    config.INGEST_SRT_PORT === undefined
      ? null
      : await openSrtServer({
          host: encoderHost,
          port: config.INGEST_SRT_PORT,
          log,
          settings: { passphrase: config.INGEST_SRT_PASSPHRASE ?? '', latencyMs: config.INGEST_SRT_LATENCY_MS },
          admit: (wish, publisher) => ingests.admit({ ...wish, protocol: 'srt' }, publisher),
          processes,
        });
  const whip = await openWhipServer({ host, port: config.INGEST_WHIP_PORT, sessions, log });
  const stopPulling = await serveStartIngress({
    bus,
    ingests,
    guard: createTargetGuard(config.OPENAIR_ALLOW_TARGETS, config.OPENAIR_OWN_PORTS),
    log,
    processes,
    load: () => ({ used: ingests.list().length, most: config.INGEST_MAX }),
  });
  let isEnding = false;
  const registry = createMetrics(() => {
    const modes = ingests.list().map((ingest) => ingest.mode);
    return {
      rtmpConnections: rtmp.connections() + rtmps.connections(),
      srtConnections: srt?.connections() ?? 0,
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
  log.info({ rtmp: rtmp.port, srt: srt?.port, whip: whip.port, health: health.port }, 'ingest worker: taking encoders');

  async function end(signal: string): Promise<void> {
    if (isEnding) return;
    isEnding = true;
    log.info({ signal }, 'ingest worker: ending');
    await stopPulling().catch(() => undefined);
    await Promise.all([
      rtmp.close(RESTARTED),
      rtmps.close(RESTARTED),
      srt?.close(RESTARTED),
      ingests.close(),
      sessions.close(),
      whip.close(),
    ]);
    processes.close();
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
