import { expect, test } from 'vitest';
import { Program } from '#core/scene/scene';
import type { EgressPlan } from '../plan.ts';
import { keyFrameTicks } from './key-frames.ts';

const ticks = (segmentS: number | null, playbackId: string | null, fps = 30, keyFrameS: number | null = null) =>
  keyFrameTicks({
    video: { profile: 'main', keyFrameS },
    program: Program.parse({ fps }),
    segments: segmentS === null ? null : ({ segmentS, playbackId } as EgressPlan['segments']),
  });

test('segments of a second begin with a key frame, longer ones of the app have one every 2 s', () => {
  expect([ticks(1, 'pb'), ticks(4, 'pb'), ticks(4, 'pb', 25)]).toEqual([30, 60, 50]);
});

test('an interval that was asked for holds where there are no segments to begin with one', () => {
  expect([ticks(null, null, 30, 4), ticks(null, null, 25, 0.5), ticks(2, null, 30, 4)]).toEqual([120, 13, 60]);
});

test('a plain LiveKit request has one a segment, pushes alone one every 2 s', () => {
  expect([ticks(4, null), ticks(null, null)]).toEqual([120, 60]);
});
