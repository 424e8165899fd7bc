import { WebhookReceiver } from 'livekit-server-sdk';
import type { InboxEvent } from '#core/egress/webhook-inbox';
import { AppError } from '#core/shared/app-error';
import type { LiveKitSettings } from './livekit-error.ts';

/** Reads LiveKit's webhooks. */
export type WebhookReader = {
  /** @throws AppError 'unauthenticated' when the signature is missing, wrong, late or of another body */
  read(rawBody: string, authorization: string | null): Promise<InboxEvent>;
};

/** Checks the signature: a JWT over the SHA-256 of the raw body, 5 minutes long, made with our own secret. */
export function livekitWebhookReader({
  apiKey,
  apiSecret,
}: Pick<LiveKitSettings, 'apiKey' | 'apiSecret'>): WebhookReader {
  const receiver = new WebhookReceiver(apiKey, apiSecret);
  return {
    async read(rawBody, authorization) {
      try {
        const event = await receiver.receive(rawBody, authorization ?? '');
        if (!event.id) throw new Error('no id');
        const channelId = event.room?.name || event.egressInfo?.roomName || event.ingressInfo?.roomName || null;
        return { id: event.id.slice(0, 128), event: event.event, channelId };
      } catch (cause) {
        throw new AppError('unauthenticated', {
          blame: 'outside',
          message: 'The webhook’s signature is not valid.',
          cause,
        });
      }
    },
  };
}
