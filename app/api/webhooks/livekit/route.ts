import { answerJson } from '../../_http/answer.ts';
import { answered } from '../../_http/api-route.ts';
import { countWebhook } from '../../_http/metrics.ts';
import { readText } from '../../_http/read-body.ts';

/** LiveKit's events are a few kB; its largest, with a full scene, stays below this. */
const MAX_BYTES = 256 * 1024;

/** The inbox: checks the signature over the raw body, keeps the event once, answers at once. The control worker does the rest. */
export async function POST(request: Request): Promise<Response> {
  return answered(request, async (services) => {
    const body = await readText(request, MAX_BYTES);
    const event = await services.webhooks.read(body, request.headers.get('authorization')).catch((error: unknown) => {
      countWebhook('refused');
      throw error;
    });
    const isNew = await services.stores.webhookInbox.add(event);
    countWebhook(isNew ? 'accepted' : 'repeated');
    if (isNew) {
      await services.jobs
        .add('process-webhook', { eventId: event.id })
        .catch((error) => services.log.warn({ err: error }, 'no job was queued; the inbox is looked through later'));
    }
    return answerJson({});
  });
}
