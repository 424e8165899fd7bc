import { autoStart } from '#core/broadcast/auto-start';
import type { Services } from '#wiring/services';
import type { Reconciler } from '../reconcilers/reconciler.ts';
import { ProcessWebhookJob } from './process-webhook.job.ts';

/** Events after which a channel's waiting broadcast may start by itself. */
const SIGNALS = new Set(['track_published', 'ingress_started']);

/** A webhook says where to look, never what is true: that is asked again (DR-5). */
export async function handleProcessWebhook(services: Services, reconciler: Reconciler, data: unknown): Promise<void> {
  const { webhookInbox } = services.stores;
  const event = await webhookInbox.get(ProcessWebhookJob.parse(data).eventId);
  if (!event) return;
  if (event.channelId !== null) {
    if (SIGNALS.has(event.event)) await autoStart(services, event.channelId);
    await reconciler.lookAtChannel(event.channelId);
  }
  await webhookInbox.markProcessed(event.id);
}
