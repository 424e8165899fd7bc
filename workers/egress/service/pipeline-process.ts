import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LateUploadOrder, LateUploadReport } from '../late-upload.ts';
import type { FromPipeline, ToPipeline } from '../plan.ts';
import type { LateUploadDeps } from './late-uploads.ts';

/** One pipeline's child process as the supervisor sees it. */
export type PipelineProcess = {
  pid: number | undefined;
  /** It was started ahead and has the engine loaded: the first beat is due at once. */
  isLoaded?: boolean;
  send(message: ToPipeline): void;
  kill(signal: 'SIGKILL' | 'SIGTERM'): void;
};

export type PipelineProcessEvents = {
  message(message: FromPipeline): void;
  /** Once, whatever ended it. */
  exit(how: { code: number | null; signal: string | null }): void;
};

/** Port: starts a pipeline process. Tests give a small program of their own, run in the same way. */
export type StartPipelineProcess = (events: PipelineProcessEvents) => PipelineProcess;

const PIPELINE = fileURLToPath(new URL('../pipeline/main.ts', import.meta.url));
/** Native calls of the engine wait on libuv's threads; its default of 4 would let a few slow writes starve the encoders. */
const THREADS = '12';

/** Every kind of message a pipeline may send; the type fails when one is missing. */
const MESSAGES: Record<FromPipeline['t'], true> = {
  warm: true,
  beat: true,
  tap: true,
  untap: true,
  active: true,
  push: true,
  segments: true,
  file: true,
  images: true,
  manifest: true,
  'backup-used': true,
  layout: true,
  facts: true,
  picture: true,
  seats: true,
  'encoder-lost': true,
  ended: true,
};

function isFromPipeline(message: unknown): message is FromPipeline {
  return (
    typeof message === 'object' && message !== null && 't' in message && Object.hasOwn(MESSAGES, String(message.t))
  );
}

/**
 * Forks the pipeline with an IPC channel. The plan with its secrets goes over that channel, never by environment or arguments.
 * @param env the whole environment of the child
 */
export function pipelineProcessStarter(env: Record<string, string>, program = PIPELINE): StartPipelineProcess {
  // By full path: `--import tsx` would be looked up from the working directory.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return (events) => {
    const child: ChildProcess = fork(program, [], {
      execArgv: ['--import', loader],
      env: { NODE_ENV: 'production' as const, UV_THREADPOOL_SIZE: THREADS, ...env },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let gone = false;
    const exit = (code: number | null, signal: string | null) => {
      if (gone) return;
      gone = true;
      events.exit({ code, signal });
    };
    child.on('message', (message) => {
      if (!gone && isFromPipeline(message)) events.message(message);
    });
    child.on('exit', exit);
    // Could not be started, killed or spoken to; the first of these without a pid means that it never ran.
    child.on('error', () => {
      if (child.pid === undefined) exit(null, 'not-started');
    });
    return {
      pid: child.pid,
      send: (message) => {
        // A closed channel means that the child is going; its exit tells the rest.
        if (child.connected) child.send(message, () => undefined);
      },
      kill: (signal) => void child.kill(signal),
    };
  };
}

const STORE_LATE = fileURLToPath(new URL('../pipeline/store-late.ts', import.meta.url));

/** Starts processes that store what ended egresses left; the order with its secrets goes by IPC. */
export function lateUploadStarter(
  env: Record<string, string>,
  rest: { redisUrl: string; logLevel: string },
): LateUploadDeps['start'] {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return (job, events) => {
    const child = fork(STORE_LATE, [], {
      execArgv: ['--import', loader],
      env: { NODE_ENV: 'production' as const, ...env },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const order: LateUploadOrder = { t: 'store', ...job, ...rest };
    child.on('message', (report: LateUploadReport) => events.waiting(report.waiting));
    child.once('exit', () => events.done());
    child.once('error', () => child.pid === undefined && events.done());
    child.send(order, () => undefined);
    return { kill: () => void child.kill('SIGKILL') };
  };
}
