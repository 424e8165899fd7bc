import './native.ts';
import type { EndCause, FromPipeline, LostEncoder, ToPipeline } from '../plan.ts';
import { openLog } from './log.ts';
import type { Problem } from './stored-lines.ts';

/**
 * The child process of one egress. Started by the service with an IPC channel; gets one plan, then stops, pushes and layouts; ends
 * itself when the parent is gone (DR-10). Native libraries live here and nowhere else.
 */
const BEAT_MS = 500;
const LEAVE_MS = 1000;
/** Exit code of a process that another one replaces. */
const REPLACED = 75;
const NOT_IN_ORDER = 'The egress could not be ended in order: what it made may be incomplete.';

let log = openLog('starting');
let ending = false;
/** What the parent says while the engine is still being loaded: a stop may follow the plan at once. */
const early: ToPipeline[] = [];
let hear: ((message: ToPipeline) => void) | null = null;

/** The parent starts another process. */
function crash(error: unknown): void {
  log.fatal({ err: (error instanceof Error && error.stack) || String(error) }, 'uncaught');
  setTimeout(() => process.exit(70), 50);
}

function send(message: FromPipeline): void {
  if (process.connected) process.send?.(message);
}

/** Loading takes longer than all the rest of a start: a spare process does it before it is needed. */
async function warmUp(): Promise<void> {
  await import('./run-pipeline.ts');
  send({ t: 'warm' });
}

async function run(plan: Extract<ToPipeline, { t: 'run' }>['plan']): Promise<void> {
  const begunAt = performance.now();
  log = openLog(plan.egressId, plan.logLevel);
  const { Pipeline } = await import('./run-pipeline.ts');
  const tell = (message: FromPipeline) => {
    if (message.t === 'active') log.info({ afterMs: Math.round(performance.now() - begunAt) }, 'the first part is out');
    send(message);
  };
  const pipeline = new Pipeline(
    plan,
    { send: tell, ended: (cause, error) => void end(cause, error), encoderLost },
    log,
  );

  let before = 0;
  const beat = setInterval(() => {
    const { ticks, lateTicks, composed } = pipeline.pulse();
    const composedFps = Math.round(((composed - before) * 1000) / BEAT_MS);
    before = composed;
    send({ t: 'beat', ticks, lateTicks, composedFps, rssMb: Math.round(process.memoryUsage.rss() / 1024 / 1024) });
  }, BEAT_MS);

  function encoderLost(lost: LostEncoder): void {
    if (ending) return;
    ending = true;
    log.error(lost, 'a hardware encoder was lost, leaving to another process');
    send({ t: 'encoder-lost', lost });
    void pipeline.leave(LEAVE_MS, 'left').finally(() => process.exit(REPLACED));
  }

  async function end(cause: EndCause, error: string | null): Promise<void> {
    if (ending) return;
    ending = true;
    log.info({ cause, err: error ?? undefined }, 'ending');
    let waiting = 0;
    let problem: Problem | null = null;
    try {
      if (cause === 'lease-lost') await pipeline.leave(LEAVE_MS, 'lost');
      // Whoever stops an egress has ended the show. One whose room is gone, or that failed, may be followed by another on the same feed.
      else ({ waiting, problem } = await pipeline.end(cause === 'stop-asked'));
    } catch (failure) {
      log.error({ err: String(failure) }, 'the end was not clean');
      // Of a lost lease nobody is told anything: the outputs are another's.
      if (cause !== 'lease-lost') problem = { cause: 'failed', error: NOT_IN_ORDER };
    }
    clearInterval(beat);
    const { ticks, lateTicks } = pipeline.pulse();
    log.info({ cause, ticks, lateTicks, waiting, ...pipeline.totals() }, 'ended');
    // An egress whose file is missing has failed, however orderly it ended.
    const how = problem && error === null ? problem : { cause, error };
    send({ t: 'ended', ...how, segments: pipeline.totals(), waiting });
    // Native threads would keep the process alive; the message has to be out first.
    setTimeout(() => process.exit(0), 100);
  }

  hear = (message) => {
    if (message.t === 'stop') void end('stop-asked', null);
    else if (message.t === 'push-add') pipeline.addPush(message.push);
    else if (message.t === 'push-remove') pipeline.removePush(message.id);
    else if (message.t === 'seats') pipeline.allowSeats(message.allowed);
    else if (message.t === 'picture') pipeline.askPicture();
  };
  for (const message of early.splice(0)) hear(message);

  /** The parent is gone: close the part and go, a successor takes over. */
  process.on('disconnect', () => {
    if (ending) return;
    ending = true;
    log.warn('the parent is gone, leaving');
    setTimeout(() => process.exit(1), LEAVE_MS);
    void pipeline.leave(LEAVE_MS, 'left').finally(() => process.exit(1));
  });

  try {
    await pipeline.start();
  } catch (error) {
    log.error({ err: String(error) }, 'cannot start');
    await end('failed', 'The media engine could not start.');
  }
}

process.on('message', (message: ToPipeline) => {
  if (message.t === 'warm') warmUp().catch(crash);
  else if (message.t === 'run') run(message.plan).catch(crash);
  else if (hear) hear(message);
  else early.push(message);
});
process.on('disconnect', () => setTimeout(() => process.exit(1), LEAVE_MS + 200));
// Signals are the parent's to answer: it tells us by IPC, and a terminal's Ctrl-C reaches us too.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('uncaughtException', crash);
process.on('unhandledRejection', (error) => {
  log.error({ err: error instanceof Error ? error.stack : String(error) }, 'unhandled rejection');
});
