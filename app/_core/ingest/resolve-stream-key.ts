import { z } from 'zod';
import type { ChannelStore } from '#core/channel/channel-store';
import type { MediaRoom } from '#core/egress/media-room';
import { AppError } from '#core/shared/app-error';
import { ENCODER_IDENTITY, type IngressRegistry } from './ingress-registry.ts';
import { STREAM_KEY, type StreamKeyStore } from './stream-key.ts';

export const ResolveStreamKey = z.strictObject({ streamKey: z.string().min(1).max(512) });

export type ResolvedIngest = { ingressId: string; roomName: string; identity: string; name: string; channelId: string };

/**
 * Whose key this is, and where its encoder belongs; room and ingress exist afterwards.
 * @throws AppError 'not-found' for any key that is nobody's, 'livekit-unavailable'
 */
export async function resolveStreamKey(
  rooms: {
    stores: { channels: ChannelStore; streamKeys: StreamKeyStore };
    mediaRoom: Pick<MediaRoom, 'ensure'>;
    ingresses: Pick<IngressRegistry, 'ensure'>;
  },
  { streamKey }: z.infer<typeof ResolveStreamKey>,
): Promise<ResolvedIngest> {
  const channelId = STREAM_KEY.test(streamKey) ? await rooms.stores.streamKeys.findChannelId(streamKey) : null;
  const channel = channelId ? await rooms.stores.channels.get(channelId) : null;
  if (!channel) throw new AppError('not-found', { blame: 'owner', message: 'This stream key belongs to no channel.' });
  await rooms.mediaRoom.ensure(channel.id);
  const ingressId = await rooms.ingresses.ensure(channel.id, channel.name);
  return { ingressId, roomName: channel.id, identity: ENCODER_IDENTITY, name: channel.name, channelId: channel.id };
}
