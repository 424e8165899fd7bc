import { z } from 'zod';
import { BROADCAST_STATES, END_REASONS, VISIBILITIES } from './broadcast.ts';

/** What anyone who may watch is told about a broadcast: pages, sockets and the API's open fields share it. */
export const PublicBroadcast = z.object({
  id: z.string(),
  channel: z.object({ id: z.string(), handle: z.string(), name: z.string() }),
  title: z.string(),
  description: z.string(),
  visibility: z.enum(VISIBILITIES),
  state: z.enum(BROADCAST_STATES),
  endReason: z.enum(END_REASONS).nullable(),
  startsAt: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  playbackId: z.string(),
  /** Absolute URL of the watch page. */
  watchUrl: z.string(),
  playback: z.object({ hls: z.string(), dash: z.string().nullable() }),
  audience: z.int(),
  peakAudience: z.int(),
  /** True once an ended broadcast plays as a recording under the same URL. */
  hasRecording: z.boolean(),
});
export type PublicBroadcast = z.infer<typeof PublicBroadcast>;

export const PublicChannel = z.object({ id: z.string(), handle: z.string(), name: z.string() });
export type PublicChannel = z.infer<typeof PublicChannel>;

/** All a watch or embed page needs for its first paint. */
export type ChannelPage = {
  channel: PublicChannel;
  /** On air, backstage, or the next scheduled one. */
  current: PublicBroadcast | null;
  /** Ended ones, newest first, at most 12. */
  recent: PublicBroadcast[];
};
