import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { AppError } from '#core/shared/app-error';
import type { JobHandlers, JobName, JobQueue } from '#core/shared/job-queue';
import type { Log } from '#core/shared/log';

/**
 * Jobs that take minutes have a queue of their own, one at a time in each worker: a show that goes on air never waits for the film
 * of another one.
 */
const QUEUES = { control: { concurrency: 8 }, recordings: { concurrency: 1 } } as const;
const LONG: ReadonlySet<JobName> = new Set(['make-recording-files', 'finish-input']);
const queueOf = (name: JobName): keyof typeof QUEUES => (LONG.has(name) ? 'recordings' : 'control');
const PREFIX = 'openair:jobs';

/** How often each job is tried. Those that a reconciler asks for again need no second try of their own. */
const ATTEMPTS: Record<JobName, number> = {
  'start-egress': 1,
  'end-broadcast': 3,
  'finalize-recording': 12,
  'make-recording-files': 8,
  'process-webhook': 5,
  'finish-input': 8,
};
const BACK_OFF = { type: 'exponential', delay: 2_000 } as const;
/** A worker that is silent for so long has lost its job to another one (R-46: 45 s). */
const LOCK_MS = 30_000;

/** Jobs in BullMQ. A waiting job of the same name and subject is the same job. */
export function redisJobQueue(redis: Redis): JobQueue & { close(): Promise<void> } {
  const open = (name: keyof typeof QUEUES) => {
    const queue = new Queue(name, { connection: redis, prefix: PREFIX });
    // Errors of the connection are told by the connection itself.
    queue.on('error', () => {});
    return queue;
  };
  const queues = { control: open('control'), recordings: open('recordings') };
  return {
    async add(name, data, { delayMs = 0 } = {}) {
      const subject = Object.values(data)[0] ?? '';
      try {
        await queues[queueOf(name)].add(name, data, {
          jobId: `${name}-${subject}`,
          delay: delayMs,
          attempts: ATTEMPTS[name],
          backoff: BACK_OFF,
          removeOnComplete: true,
          removeOnFail: true,
        });
      } catch (cause) {
        throw new AppError('unavailable', {
          blame: 'operator',
          retry: 'with-back-off',
          detail: `queue ${name}`,
          cause,
        });
      }
    },
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
    },
  };
}

/**
 * Runs jobs until it is closed; closing waits for those that run.
 * @param redis a connection of its own, without a limit on retries
 */
export function runJobs(redis: Redis, handlers: JobHandlers, log: Log): { close(): Promise<void> } {
  const workers = Object.entries(QUEUES).map(([queue, { concurrency }]) => {
    const worker = new Worker(
      queue,
      async (job) => {
        const handle = handlers[job.name as JobName];
        if (!handle) return log.warn({ job: job.name }, 'a job that nobody knows was dropped');
        await handle(job.data as never);
      },
      {
        connection: redis,
        prefix: PREFIX,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS / 2,
        maxStalledCount: 5,
      },
    );
    worker.on('error', (error) => log.warn({ err: error }, 'the job queue failed'));
    worker.on('failed', (job, error) =>
      log.warn({ err: error, job: job?.name, id: job?.id, attempt: job?.attemptsMade }, 'a job failed'),
    );
    return worker;
  });
  return {
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
