import { watchHeldUp } from '../../publish/held-up.ts';
import { polyfillWithResolvers } from '../../publish/with-resolvers.ts';
import { type FromSource, ToSource } from './messages.ts';

const TELL_EVERY_MS = 1_000;

/**
 * The process that reads one source (SRT, RTSP, HLS, a file) with FFmpeg and hands it to its parent as FLV. FFmpeg's reads wait on the network
 * inside the library: here they can hold up nobody, and a process that hangs is killed by its parent.
 */
const send = (message: FromSource) =>
  new Promise<void>((resolve) => {
    if (process.connected && process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });

async function quietly() {
  polyfillWithResolvers();
  const [{ Log }, { AV_LOG_QUIET }] = await Promise.all([import('node-av/lib'), import('node-av/constants')]);
  // FFmpeg's own lines would show the address with its secrets.
  Log.setLevel(AV_LOG_QUIET);
  return import('./read-source.ts');
}

/** Everything slow (node-av is 100 MB) happens before a source needs us. */
const warm = quietly();
warm.catch(() => process.exit(1));

process.on('message', (raw) => {
  const read = ToSource.safeParse(raw);
  if (!read.success) return;
  tellHeldUp();
  warm
    .then(({ readSource }) => readSource(read.data, () => void send({ say: 'opened' })))
    .catch(() => 'lost' as const)
    .then((end) => send({ say: 'over', end }))
    .finally(() => process.exit(0));
});
/** From now on: coming up holds up nobody's media. */
function tellHeldUp(): void {
  const heldUp = watchHeldUp();
  let toldMs = 0;
  setInterval(() => {
    const totalMs = Math.round(heldUp.totalMs());
    if (totalMs > toldMs) void send({ say: 'held-up', totalMs });
    toldMs = totalMs;
  }, TELL_EVERY_MS).unref();
}

// A read that hangs would hold up an ordinary exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.kill(process.pid, 'SIGKILL'));
