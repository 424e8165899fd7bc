import { env } from '#wiring/env';
import { buildRealtimeServices } from '#wiring/realtime-services';
import { buildServices } from '#wiring/services';
import { findChannelCard } from './find-channel.ts';
import { openGateway } from './gateway.ts';
import { createGuestTokens } from './guest-token.ts';
import { createRealtimeHttp } from './http.ts';
import { letIn } from './let-in.ts';

/** After this, whatever hangs is left behind. */
const CLOSE_WITHIN_MS = 5000;

async function main(): Promise<void> {
  const settings = env();
  const services = buildServices(settings, { name: 'realtime' });
  const realtime = buildRealtimeServices(services);
  const { log } = services;
  let gateway: Awaited<ReturnType<typeof openGateway>> | null = null;
  const http = createRealtimeHttp({ registry: () => gateway?.metrics.registry ?? null, probe: realtime.probe });
  gateway = await openGateway(http, {
    ...realtime,
    ownOrigin: settings.OPENAIR_URL,
    clock: services.clock,
    ids: services.ids,
    log,
    news: services.news,
    tokens: createGuestTokens(settings.OPENAIR_SECRET),
    actorFromHeaders: (headers) => services.accounts.actorFromHeaders(headers),
    findChannel: (handle) => findChannelCard(services, handle),
    letIn: (asked) => letIn(services, asked),
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(settings.REALTIME_PORT, settings.OPENAIR_BIND, resolve);
  });
  log.info({ port: settings.REALTIME_PORT, bind: settings.OPENAIR_BIND }, 'realtime listens');

  let isClosing = false;
  const close = async (signal: NodeJS.Signals) => {
    if (isClosing) return;
    isClosing = true;
    log.info({ signal }, 'realtime closes');
    setTimeout(() => process.exit(0), CLOSE_WITHIN_MS).unref();
    await gateway?.close();
    realtime.close();
    await services.close();
    process.exit(0);
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
