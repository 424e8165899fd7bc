import type { EgressPlan } from '../plan.ts';
import type { Direction } from './compose/arrange.ts';

/** Who is on air, by the request. */
export function directionOf({ source }: EgressPlan): Direction {
  if (source.kind === 'participant') return source;
  if (source.kind !== 'room') return { kind: 'layout', layout: 'single' };
  return source.layout === 'scene' ? { kind: 'scene' } : { kind: 'layout', layout: source.layout };
}

/** Peak bits per second for playlists: rate control may exceed its mean within a second; the container adds a little. */
export function peak(bitrate: number): number {
  return Math.round(bitrate * 1.15 + 10_000);
}
