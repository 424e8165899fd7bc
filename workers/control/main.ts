import { env } from '#wiring/env';
import { buildServices } from '#wiring/services';
import { startControl } from './control.ts';

const services = buildServices(env(), { name: 'control' });
const stop = await startControl(services);

let stopping = false;
async function shutDown(signal: string): Promise<void> {
  // The second signal does not wait.
  if (stopping) process.exit(1);
  stopping = true;
  services.log.info({ signal }, 'the control worker ends its work');
  await stop();
  await services.close();
  process.exit(0);
}
process.on('SIGTERM', () => void shutDown('SIGTERM'));
process.on('SIGINT', () => void shutDown('SIGINT'));
// A parent that is gone leaves nobody to end us.
process.on('disconnect', () => void shutDown('disconnect'));
process.on('unhandledRejection', (error) => services.log.error({ err: error }, 'a rejection was not handled'));
