import type { z } from 'zod';
import type { Actor } from '#core/account/actor';
import type { IngestNews } from '#core/broadcast/news';
import type { ChannelStore } from '#core/channel/channel-store';
import { requireOwnChannel } from '#core/channel/require-channel';
import type { IngestSettings, IngestSettingsStore } from './ingest-settings.ts';
import type { StreamKeyMaker, StreamKeyStore } from './stream-key.ts';

export type IngestState = z.infer<typeof IngestNews>['ingest'];

/** Port: the newest ingest state of a channel, for a studio that opens later. */
export type IngestStates = { get(channelId: string): Promise<IngestState | null> };

export type IngestAddresses = {
  rtmp: { url: string; streamKey: string };
  whip: { url: string; bearerToken: string };
  /** Its address holds the key; null where SRT is off. */
  srt: { url: string } | null;
  settings: IngestSettings;
  /** The encoder as last seen. */
  state: IngestState;
  /** The same, under the name that pages use. */
  status: IngestState;
};

export type IngestRooms = {
  stores: { channels: ChannelStore; streamKeys: StreamKeyStore; ingestSettings: IngestSettingsStore };
  streamKeys: StreamKeyMaker;
  ingestStates: IngestStates;
  env: { OPENAIR_RTMP_URL: string; OPENAIR_WHIP_URL: string; OPENAIR_SRT_URL?: string };
};

const IDLE: IngestState = {
  state: 'idle',
  protocol: null,
  sentence: 'No encoder is connected.',
  note: { id: 'none' },
  atMs: 0,
};

/**
 * Addresses and key for OBS and other encoders; the key is made at first need.
 * @throws AppError 'unauthenticated', 'not-found'
 */
export async function showIngest(
  rooms: IngestRooms,
  asked: { actor: Actor; handle: string },
): Promise<IngestAddresses> {
  const channel = await requireOwnChannel(rooms, asked.actor, asked.handle);
  let streamKey = await rooms.stores.streamKeys.get(channel.id);
  if (!streamKey) {
    streamKey = rooms.streamKeys.makeStreamKey(channel.id);
    await rooms.stores.streamKeys.put(channel.id, streamKey);
  }
  return ingestAddresses(rooms, channel.id, streamKey);
}

/** The owner's view of a key that he may see. */
export async function ingestAddresses(
  rooms: Pick<IngestRooms, 'ingestStates' | 'env'> & { stores: Pick<IngestRooms['stores'], 'ingestSettings'> },
  channelId: string,
  streamKey: string,
): Promise<IngestAddresses> {
  const state = (await rooms.ingestStates.get(channelId).catch(() => null)) ?? IDLE;
  return {
    rtmp: { url: rooms.env.OPENAIR_RTMP_URL, streamKey },
    whip: { url: rooms.env.OPENAIR_WHIP_URL, bearerToken: streamKey },
    srt: rooms.env.OPENAIR_SRT_URL ? { url: `${rooms.env.OPENAIR_SRT_URL}?streamid=${streamKey}` } : null,
    settings: await rooms.stores.ingestSettings.get(channelId),
    state,
    status: state,
  };
}
