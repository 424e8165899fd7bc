import { startEgress } from '#core/broadcast/start-egress';
import type { Services } from '#wiring/services';
import { StartEgressJob } from './start-egress.job.ts';

export async function handleStartEgress(services: Services, data: unknown): Promise<void> {
  await startEgress(services, StartEgressJob.parse(data).broadcastId);
}
