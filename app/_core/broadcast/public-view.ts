import type { Channel } from '#core/channel/channel';
import type { BroadcastRecord } from './broadcast-store.ts';
import type { PublicBroadcast } from './public-views.ts';

export type PublicAddresses = {
  /** Origin of the pages, no trailing slash. */
  pages: string;
  /** Origin of playback, no trailing slash. */
  playback: string;
};

/** What anyone who may watch is told about a broadcast. */
export function publicView(
  broadcast: BroadcastRecord,
  channel: Channel,
  audience: number,
  addresses: PublicAddresses,
): PublicBroadcast {
  const play = `${addresses.playback}/play/${broadcast.playbackId}`;
  return {
    id: broadcast.id,
    channel: { id: channel.id, handle: channel.handle, name: channel.name },
    title: broadcast.title,
    description: broadcast.description,
    visibility: broadcast.visibility,
    state: broadcast.state,
    endReason: broadcast.endReason,
    startsAt: broadcast.startsAt?.toISOString() ?? null,
    startedAt: broadcast.startedAt?.toISOString() ?? null,
    endedAt: broadcast.endedAt?.toISOString() ?? null,
    playbackId: broadcast.playbackId,
    watchUrl: `${addresses.pages}/${channel.handle}/${broadcast.id}`,
    playback: { hls: `${play}/index.m3u8`, dash: `${play}/manifest.mpd` },
    audience,
    peakAudience: Math.max(broadcast.peakAudience, audience),
    hasRecording: broadcast.hasRecording,
  };
}
