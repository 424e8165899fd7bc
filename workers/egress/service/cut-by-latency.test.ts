import { expect, test } from 'vitest';
import { Program } from '#core/scene/scene';
import type { EgressPlan } from '../plan.ts';
import { cutByLatency } from './cut-by-latency.ts';

const planOf = (latency: Program['latency'], playbackId: string | null) =>
  ({
    program: Program.parse({ latency }),
    segments: { playbackId, prefix: 'media/pb/', segmentS: 6, partMs: 0 },
  }) as EgressPlan;
const cut = (plan: EgressPlan) => {
  const { segments } = cutByLatency(plan, 213);
  return [segments?.partMs, segments?.segmentS];
};

test.each([
  ['ultra', [100, 1]],
  ['low', [213, 1]],
  ['standard', [1000, 4]],
] as const)('mode %s decides part and segment length of the app’s own show', (latency, lengths) => {
  expect(cut(planOf(latency, 'pb'))).toEqual(lengths);
});

test('a plain LiveKit request keeps its own lengths', () => {
  expect(cut(planOf('standard', null))).toEqual([0, 6]);
});
