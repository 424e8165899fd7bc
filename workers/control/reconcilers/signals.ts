import { autoStart } from '#core/broadcast/auto-start';
import type { Services } from '#wiring/services';

/**
 * Finds pictures whose news was lost: channels with a broadcast that starts by itself, and somebody publishing.
 * @returns how many were started
 */
export async function startBySignals(services: Services): Promise<number> {
  const waiting = await services.stores.broadcasts.find({
    states: ['scheduled', 'backstage'],
    startRequested: false,
    limit: 500,
  });
  const channelIds = [...new Set(waiting.filter((one) => one.autoStart).map((one) => one.channelId))];
  if (channelIds.length === 0) return 0;
  const [rooms, ingresses] = await Promise.all([
    services.mediaRoom.find(channelIds).catch(() => []),
    services.ingresses.findAll().catch(() => []),
  ]);
  const publishing = new Set([
    ...rooms.filter((room) => room.publishers > 0).map((room) => room.channelId),
    ...ingresses.filter((one) => one.state === 'publishing').map((one) => one.channelId),
  ]);
  let started = 0;
  for (const channelId of channelIds.filter((id) => publishing.has(id))) {
    if (await autoStart(services, channelId)) started += 1;
  }
  return started;
}
