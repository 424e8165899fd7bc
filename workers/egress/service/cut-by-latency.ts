import { LATENCY_MODES } from '#core/playback/latency-mode';
import type { EgressPlan } from '../plan.ts';

/**
 * The latency mode of the scene's program decides how the app's own shows are cut, whatever the request says of segments. Plain
 * LiveKit requests keep their own lengths.
 * @param lowPartMs part length of mode `low`, which the operator may set
 */
export function cutByLatency(plan: EgressPlan, lowPartMs: number): EgressPlan {
  const { segments, program } = plan;
  if (!segments || segments.playbackId === null) return plan;
  const { partMs, segmentS } = LATENCY_MODES[program.latency];
  return { ...plan, segments: { ...segments, segmentS, partMs: program.latency === 'low' ? lowPartMs : partMs } };
}
