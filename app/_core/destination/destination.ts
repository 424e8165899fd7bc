import { z } from 'zod';
import type { FeedPush } from '#core/playback/live-feed';
import type { TransitionTable } from '#core/shared/transition';
import { DESTINATION_KINDS, type DestinationKind } from './platforms.ts';

export const DESTINATION_STATES = ['idle', 'connecting', 'pushing', 'retrying', 'failed', 'stopped'] as const;
export type DestinationState = (typeof DESTINATION_STATES)[number];

/** Facts about one push, as the engine reports them. */
export type DestinationFact = 'asked' | 'acknowledged' | 'lost' | 'refused-for-good' | 'edited' | 'broadcast-over';

export const nextDestinationState = {
  idle: { asked: 'connecting' },
  connecting: { acknowledged: 'pushing', lost: 'retrying', 'refused-for-good': 'failed', 'broadcast-over': 'stopped' },
  pushing: { lost: 'retrying', 'refused-for-good': 'failed', 'broadcast-over': 'stopped' },
  retrying: { acknowledged: 'pushing', 'refused-for-good': 'failed', 'broadcast-over': 'stopped' },
  failed: { edited: 'connecting', asked: 'connecting' },
  stopped: { asked: 'connecting' },
} satisfies TransitionTable<DestinationState, DestinationFact>;

/** An outside platform we push to. Its key is sealed and never shown again. */
export type Destination = {
  id: string;
  channelId: string;
  name: string;
  kind: DestinationKind;
  /** Without the key. */
  url: string;
  enabled: boolean;
  hasStreamKey: boolean;
  /** What its last push came to. */
  last: { state: DestinationState; errorCode: string | null; error: string | null };
  version: number;
  createdAt: Date;
};

export const DestinationView = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(DESTINATION_KINDS),
  /** Server address without the key. */
  url: z.string(),
  enabled: z.boolean(),
  hasStreamKey: z.boolean(),
  state: z.enum(DESTINATION_STATES),
  /** One sentence for the owner, or null. */
  lastError: z.string().nullable(),
  /** Bits per second the platform takes now; 0 while nothing is pushed. */
  bitrate: z.int(),
  bitrateKbps: z.number(),
  retries: z.int(),
  /** Pictures left out since the push began, because the platform or the line to it was too slow. */
  droppedFrames: z.int(),
});
export type DestinationView = z.infer<typeof DestinationView>;

/** What the owner is told of a destination. `push` is what the engine reports of it now, null when no broadcast is on air. */
export function viewDestination(
  destination: Destination,
  push: FeedPush | null,
  explain: (error: { code: string; sentence: string }, destination: Destination) => string,
): DestinationView {
  const { id, name, kind, url, enabled, hasStreamKey, last } = destination;
  const remembered = last.error === null ? null : { code: last.errorCode ?? '', sentence: last.error };
  const error = push ? push.lastError : remembered;
  // A push that works again needs no old error beside it; one that is too slow works, but badly.
  const works = (push ? push.state : last.state) === 'pushing' && error?.code !== 'too-slow';
  const showError = error !== null && !works;
  return {
    id,
    name,
    kind,
    url,
    enabled,
    hasStreamKey,
    state: push ? push.state : enabled ? last.state : 'idle',
    lastError: showError ? explain(error, destination) : null,
    bitrate: push?.state === 'pushing' ? Math.round(push.bitrateKbps * 1000) : 0,
    bitrateKbps: push?.state === 'pushing' ? push.bitrateKbps : 0,
    retries: push?.retries ?? 0,
    droppedFrames: push?.droppedFrames ?? 0,
  };
}
