import { tmpdir } from 'node:os';
import { pino } from 'pino';
import { openBus } from '#bus/open-bus';
import { loadEgressConfig } from './config.ts';
import { startCpuMeter } from './service/cpu-meter.ts';
import { createEgressService } from './service/egress-service.ts';
import { startHealthServer } from './service/health-server.ts';
import { keepRegister } from './service/keep-register.ts';
import { watchLateUploads } from './service/late-uploads.ts';
import { createEgressMetrics } from './service/metrics.ts';
import { lateUploadStarter, pipelineProcessStarter } from './service/pipeline-process.ts';
import { openRedisRegister } from './service/redis-register.ts';
import { roomTracksReader } from './service/room-tracks.ts';
import { sceneProgramReader } from './service/scene-program.ts';
import { keepSpare, withoutSpare } from './service/spare-pipeline.ts';
import { isKnownDead, newWorkerId } from './service/worker-identity.ts';

/**
 * The egress worker's parent process: speaks LiveKit's bus, keeps one child process an egress, loads no native library.
 * SIGTERM, SIGQUIT: take nothing new, wait for running egresses (at most `openair.drain_timeout`), exit. SIGINT: end all cleanly,
 * exit. A second signal kills.
 */
async function main(): Promise<void> {
  const { config, ignored } = loadEgressConfig();
  const log = pino({
    name: 'egress',
    level: config.logLevel,
    redact: ['*.url', '*.apiSecret', '*.secretKey', '*.accessKey', '*.token', 'plan'],
  });
  if (ignored.length > 0) log.info({ ignored }, "keys of LiveKit's egress.yaml that have no effect here");

  const bus = openBus({ redisUrl: config.redisUrl, log });
  const cpu = startCpuMeter();
  const metrics = createEgressMetrics();
  let draining = false;
  const startFresh = pipelineProcessStarter(config.childEnv);
  const pipelines = config.spareProcess
    ? keepSpare({ start: startFresh, idleCores: cpu.idleCores, log })
    : withoutSpare(startFresh);
  metrics.watchSpare(pipelines.isReady);
  const service = createEgressService({
    bus,
    config,
    log,
    cpu,
    metrics,
    start: pipelines.start,
    sceneProgram: sceneProgramReader(config.livekit, log),
    roomTracks: roomTracksReader(config.livekit),
  });
  const health = await startHealthServer({ service, metrics, isDraining: () => draining }, config.bind, [
    config.healthPort,
    config.prometheusPort,
  ]);
  const workerId = newWorkerId();
  const register = openRedisRegister(config.redisUrl, workerId, log);
  const registry = keepRegister({ ...service, running: service.registered, register, bus, log, isKnownDead });
  const lateUploads = watchLateUploads({
    root: config.spoolFolder ?? tmpdir(),
    secret: config.livekit.apiSecret,
    workerId,
    isKnownDead,
    runningAnywhere: async () => new Set((await register.list()).map(({ info }) => info.egressId)),
    start: lateUploadStarter(config.childEnv, config),
    log,
  });
  metrics.watchLateUploads(lateUploads.waiting);
  await service.open();
  log.info({ ports: health.ports, cores: cpu.cores, maxLoad: config.cost.maxLoad }, 'egress worker is ready');

  async function shutDown(signal: NodeJS.Signals): Promise<void> {
    if (draining) {
      log.warn({ signal }, 'second signal, children are killed');
      service.killAll();
      pipelines.close();
      await Promise.race([service.idle(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
      process.exit(1);
    }
    draining = true;
    log.info({ signal, egresses: service.health().egressIds }, 'egress worker ends');
    await service.drain();
    if (signal === 'SIGINT') service.stopAll();
    else if (config.drainMs !== null) setTimeout(() => service.stopAll(), config.drainMs).unref();
    await service.idle();
    pipelines.close();
    await registry.beat();
    registry.stop();
    lateUploads.stop();
    register.close();
    await service.close();
    await health.close();
    cpu.stop();
    await bus.close();
    log.info({}, 'egress worker ended');
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGINT'] as const) {
    process.on(signal, () => {
      shutDown(signal).catch((error: unknown) => {
        log.error({ err: error }, 'ending failed');
        process.exit(1);
      });
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
