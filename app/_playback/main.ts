import { env } from '#wiring/env';
import { makeLog } from '#wiring/log';
import { buildPlaybackServices } from '#wiring/playback-services';
import { createOrigin, DEFAULT_ORIGIN } from './origin.ts';

/** Longest time that running answers are given after a TERM, ms: a blocked reload waits 3 s at most. */
const DRAIN_MS = 4000;

const settings = env();
const log = makeLog('playback', settings.LOG_LEVEL);
const services = buildPlaybackServices(settings, log);
const origin = createOrigin(services, { ...DEFAULT_ORIGIN, dvrS: settings.OPENAIR_DVR_S }, log);

let stopping = false;
/** Takes no new connections, lets running answers end, then goes. A second signal does not wait. */
function stop(signal: string): void {
  if (stopping) process.exit(1);
  stopping = true;
  log.info({ signal }, 'stopping');
  const leave = () => {
    services.close();
    process.exit(0);
  };
  const written = origin.close();
  origin.server.close(() => void written.finally(leave));
  origin.server.closeIdleConnections();
  setTimeout(leave, DRAIN_MS).unref();
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
origin.server.on('error', (error) => {
  log.fatal({ err: error }, 'cannot listen');
  process.exit(1);
});
origin.server.listen(settings.PLAYBACK_PORT, settings.OPENAIR_BIND, () => {
  log.info({ port: settings.PLAYBACK_PORT, bind: settings.OPENAIR_BIND }, 'playback listens');
});
