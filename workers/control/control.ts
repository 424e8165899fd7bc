import { hostname } from 'node:os';
import type { JobHandlers } from '#core/shared/job-queue';
import { sweepSeats } from '#core/viewer/sweep-seats';
import type { Services } from '#wiring/services';
import { serveHealth } from './health.ts';
import { handleEndBroadcast } from './jobs/end-broadcast.handler.ts';
import { handleFinalizeRecording } from './jobs/finalize-recording.handler.ts';
import { handleFinishInput } from './jobs/finish-input.handler.ts';
import { handleMakeRecordingFiles } from './jobs/make-recording-files.handler.ts';
import { handleProcessWebhook } from './jobs/process-webhook.handler.ts';
import { handleStartEgress } from './jobs/start-egress.handler.ts';
import { repeat } from './loop.ts';
import { type Metrics, makeMetrics } from './metrics.ts';
import { closeSilentInputs, requeueInputs, sweepInputs } from './reconcilers/inputs.ts';
import { requeueLeftovers } from './reconcilers/leftovers.ts';
import { makeReconciler, type Reconciler } from './reconcilers/reconciler.ts';
import { startBySignals } from './reconcilers/signals.ts';

const PASS_EVERY_MS = 5_000;
const LEFTOVERS_EVERY_MS = 30_000;
const SWEEP_EVERY_MS = 3_600_000;
/** Longer than a pass, shorter than anybody's patience: a worker that froze loses its turn. */
const LEASE_MS = 12_000;

/** Everything this process does. @returns ends it all and waits for what runs */
export async function startControl(services: Services): Promise<() => Promise<void>> {
  const { env, log, feedStatus } = services;
  const holder = `${hostname()}:${process.pid}:${services.makeToken().slice(0, 8)}`;
  const metrics = makeMetrics();
  const reconciler = makeReconciler(services);
  const seen = { lastPassAt: null as string | null };

  // Long work is called off when we end: it is done again by whoever comes next.
  const ending = new AbortController();
  const jobs = services.runJobs(countJobs(makeHandlers(services, reconciler, ending.signal), metrics));
  const unwatch = await feedStatus.watch(({ playbackId }) => {
    reconciler
      .lookAtPlayback(playbackId)
      .catch((error) => log.warn({ err: error, playbackId }, 'feed news could not be followed; the next pass sees it'));
  });
  const stopPasses = repeat('pass', PASS_EVERY_MS, () => onePass(services, reconciler, metrics, holder, seen), log);
  const leftovers = async () => {
    await requeueInputs(services);
    await requeueLeftovers(services);
  };
  const stopLeftovers = repeat('leftovers', LEFTOVERS_EVERY_MS, leftovers, log);
  const stopSweep = repeat('sweep', SWEEP_EVERY_MS, () => sweepInputs(services), log);
  const health = await serveHealth(env.CONTROL_PORT, env.OPENAIR_BIND, metrics.registry, () => seen);
  log.info({ port: env.CONTROL_PORT }, 'the control worker runs');

  return async () => {
    ending.abort(new Error('the control worker ends'));
    health.close();
    await unwatch();
    await Promise.all([stopPasses(), stopLeftovers(), stopSweep(), jobs.close()]);
    await services.stores.leases.release('reconcile', holder).catch(() => {});
  };
}

/** Several workers may run: one of them makes the pass, the others follow feed news and jobs. */
async function onePass(
  services: Services,
  reconciler: Reconciler,
  metrics: Metrics,
  holder: string,
  seen: { lastPassAt: string | null },
): Promise<void> {
  if (!(await services.stores.leases.take('reconcile', holder, LEASE_MS))) return;
  const done = metrics.passes.startTimer();
  await startBySignals(services);
  await closeSilentInputs(services);
  const { looked } = await reconciler.pass();
  await sweepSeats(services).catch((error) =>
    services.log.warn({ err: error }, 'the seats could not be looked at; the next pass sees them'),
  );
  done();
  metrics.broadcasts.set(looked);
  seen.lastPassAt = services.clock.now().toISOString();
}

function makeHandlers(services: Services, reconciler: Reconciler, ending: AbortSignal): JobHandlers {
  return {
    'start-egress': (data) => handleStartEgress(services, data),
    'end-broadcast': (data) => handleEndBroadcast(reconciler, data),
    'finalize-recording': (data) => handleFinalizeRecording(services, data),
    'make-recording-files': (data) => handleMakeRecordingFiles(services, data, ending),
    'finish-input': (data) => handleFinishInput(services, data, ending),
    'process-webhook': (data) => handleProcessWebhook(services, reconciler, data),
  };
}

function countJobs(handlers: JobHandlers, { jobs }: Metrics): JobHandlers {
  const counted =
    <Data>(job: string, handle: (data: Data) => Promise<void>) =>
    async (data: Data) => {
      try {
        await handle(data);
        jobs.inc({ job, outcome: 'done' });
      } catch (error) {
        jobs.inc({ job, outcome: 'failed' });
        throw error;
      }
    };
  return {
    'start-egress': counted('start-egress', handlers['start-egress']),
    'end-broadcast': counted('end-broadcast', handlers['end-broadcast']),
    'finalize-recording': counted('finalize-recording', handlers['finalize-recording']),
    'make-recording-files': counted('make-recording-files', handlers['make-recording-files']),
    'finish-input': counted('finish-input', handlers['finish-input']),
    'process-webhook': counted('process-webhook', handlers['process-webhook']),
  };
}
