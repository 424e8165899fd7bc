import { polyfillWithResolvers } from '../../publish/with-resolvers.ts';
import { type FromSource, ToSource } from './messages.ts';

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
  warm
    .then(({ readSource }) => readSource(read.data, () => void send({ say: 'opened' })))
    .catch(() => 'lost' as const)
    .then((end) => send({ say: 'over', end }))
    .finally(() => process.exit(0));
});
// A read that hangs would hold up an ordinary exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.kill(process.pid, 'SIGKILL'));
