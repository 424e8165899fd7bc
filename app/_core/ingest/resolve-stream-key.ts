import { z } from 'zod';
import type { NewsWire } from '#core/broadcast/news';
import type { ChannelStore } from '#core/channel/channel-store';
import type { MediaRoom } from '#core/egress/media-room';
import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import type { IngestSettings, IngestSettingsStore } from './ingest-settings.ts';
import { ENCODER_IDENTITY, type IngressRegistry } from './ingress-registry.ts';
import type { IngestStates } from './show-ingest.ts';
import { markIn, STREAM_KEY, type StreamKeyStore } from './stream-key.ts';

export const ResolveStreamKey = z.strictObject({ streamKey: z.string().min(1).max(512) });

export type ResolvedIngest = {
  ingressId: string;
  roomName: string;
  identity: string;
  name: string;
  channelId: string;
} & IngestSettings;

/**
 * Whose key this is, and where its encoder belongs; room and ingress exist afterwards.
 * @throws AppError 'not-found' for any key that is nobody's, 'livekit-unavailable'
 */
export async function resolveStreamKey(
  rooms: {
    stores: { channels: ChannelStore; streamKeys: StreamKeyStore; ingestSettings: IngestSettingsStore };
    mediaRoom: Pick<MediaRoom, 'ensure'>;
    ingresses: Pick<IngressRegistry, 'ensure'>;
    ingestStates: IngestStates;
    news: Pick<NewsWire, 'publish'>;
    clock: Clock;
  },
  { streamKey }: z.infer<typeof ResolveStreamKey>,
): Promise<ResolvedIngest> {
  const channelId = STREAM_KEY.test(streamKey) ? await rooms.stores.streamKeys.findChannelId(streamKey) : null;
  const channel = channelId ? await rooms.stores.channels.get(channelId) : null;
  if (!channel) {
    await tellOwner(rooms, streamKey);
    throw new AppError('not-found', { blame: 'owner', message: 'This stream key belongs to no channel.' });
  }
  await rooms.mediaRoom.ensure(channel.id);
  const ingressId = await rooms.ingresses.ensure(channel.id, channel.name);
  const settings = await rooms.stores.ingestSettings.get(channel.id);
  const { id, name } = channel;
  return { ingressId, roomName: id, identity: ENCODER_IDENTITY, name, channelId: id, ...settings };
}

/** A wrong or replaced key that bears a channel's mark is shown in that studio, unless an encoder with the right one is connected. */
async function tellOwner(
  rooms: {
    stores: { streamKeys: StreamKeyStore };
    ingestStates: IngestStates;
    news: Pick<NewsWire, 'publish'>;
    clock: Clock;
  },
  streamKey: string,
): Promise<void> {
  const mark = markIn(streamKey);
  const channelId = mark ? await rooms.stores.streamKeys.findChannelIdByMark(mark) : null;
  if (!channelId) return;
  const last = await rooms.ingestStates.get(channelId).catch(() => null);
  if (last && (last.state === 'publishing' || last.state === 'connecting')) return;
  const sentence =
    'An encoder tried with a wrong or replaced stream key. Copy the key from this page into your encoder again.';
  const atMs = rooms.clock.now().getTime();
  await rooms.news.publish({ kind: 'ingest', channelId, ingest: { state: 'failed', protocol: null, sentence, atMs } });
}
