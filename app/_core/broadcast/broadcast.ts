import type { Latency } from '#core/scene/scene';
import type { TransitionTable } from '#core/shared/transition';

export const BROADCAST_STATES = ['scheduled', 'backstage', 'live', 'interrupted', 'ending', 'ended'] as const;
export type BroadcastState = (typeof BROADCAST_STATES)[number];

export const END_REASONS = ['host-ended', 'host-lost', 'limit', 'egress-failed', 'removed', 'cancelled'] as const;
export type EndReason = (typeof END_REASONS)[number];

export const VISIBILITIES = ['public', 'unlisted', 'followers', 'members', 'password', 'ticket'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** Facts seen outside, never wishes. */
export type BroadcastFact =
  | 'room-open'
  | 'source-seen'
  | 'sources-lost'
  | 'source-back'
  | 'end-asked'
  | 'grace-over'
  | 'outputs-closed'
  | 'egress-failed'
  | 'cancelled';

export const nextBroadcastState = {
  scheduled: { 'room-open': 'backstage', cancelled: 'ended' },
  backstage: { 'source-seen': 'live', cancelled: 'ended', 'egress-failed': 'backstage' },
  live: { 'sources-lost': 'interrupted', 'end-asked': 'ending', 'egress-failed': 'ending' },
  interrupted: { 'source-back': 'live', 'grace-over': 'ending', 'end-asked': 'ending', 'egress-failed': 'ending' },
  ending: { 'outputs-closed': 'ended' },
  ended: {},
} satisfies TransitionTable<BroadcastState, BroadcastFact>;

/** One airing on a channel. */
export type Broadcast = {
  id: string;
  channelId: string;
  title: string;
  description: string;
  visibility: Visibility;
  state: BroadcastState;
  endReason: EndReason | null;
  /** Public id in `/play/{playbackId}/…`. */
  playbackId: string;
  latency: Latency;
  /** Start when the encoder's or host's signal appears. */
  autoStart: boolean;
  startsAt: Date | null;
  /** When somebody pressed "Go live"; the state says whether it came true. */
  startRequestedAt: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  /** The running (or last) attempt; an egress id is an attempt, never the broadcast. */
  egressId: string | null;
  /** One sentence for the studio about what went wrong last, or null. */
  problem: string | null;
  peakAudience: number;
  /** Raised at each change; updates name the version they saw. */
  version: number;
  createdAt: Date;
};
