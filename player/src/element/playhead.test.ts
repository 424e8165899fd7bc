import { beforeEach, describe, expect, test } from 'vitest';
import { FIRST_STATUS, type PlayerStatus } from '../core/phase.ts';
import type { Engine } from '../hls/engine.ts';
import { Playhead } from './playhead.ts';

/** A live show of 100 s whose media time is its date in seconds. */
function open() {
  const video = { currentTime: 99.5, readyState: 4, seekable: { length: 1, start: () => 0, end: () => 100 } };
  const world = {
    video,
    hasEngine: true,
    edgeS: 100 as number | null,
    status: { ...FIRST_STATUS, phase: 'playing', live: true, following: true } as PlayerStatus,
  };
  const engine = {
    liveEdgeS: () => world.edgeS,
    holdBackS: () => 0,
    dateMs: () => video.currentTime * 1000,
    timeOfDateS: (dateMs: number) => dateMs / 1000,
  } as Engine;
  const playhead = new Playhead({
    video: video as unknown as HTMLVideoElement,
    engine: () => (world.hasEngine ? engine : null),
    steering: () => null,
    status: () => world.status,
    onFollowing: (following) => {
      world.status = { ...world.status, following };
    },
  });
  return { world, playhead };
}

let made: ReturnType<typeof open>;
beforeEach(() => {
  made = open();
});

describe('the playhead', () => {
  test('one step of the arrow key leaves the edge, even of a show half a second behind its host', () => {
    made.playhead.seek(made.world.video.currentTime - 5);
    expect([made.world.video.currentTime, made.world.status.following]).toEqual([94.5, false]);
  });

  test('who seeks to the end follows again', () => {
    made.playhead.seek(60);
    made.playhead.seek(100);
    expect([made.world.video.currentTime, made.world.status.following]).toEqual([99.5, true]);
  });

  test('a place that was left for another engine is no edge, however near to it', () => {
    // Paused in a seat, or one step back from it.
    for (const dateMs of [99_600, 94_600]) {
      const { world, playhead } = open();
      playhead.keepAt(dateMs, false);
      world.status = { ...world.status, following: false };
      playhead.goBack();
      expect([world.video.currentTime, world.status.following]).toEqual([Math.min(dateMs / 1000, 99.5), false]);
    }
  });

  test('who asks for the edge before the kept place is reached gets the edge, its list loaded or not', () => {
    for (const edgeS of [100, null]) {
      const { world, playhead } = open();
      playhead.keepAt(60_000, false);
      world.status = { ...world.status, following: false };
      world.edgeS = edgeS;
      expect(playhead.toEdge()).toBe(true);
      world.edgeS = 100;
      playhead.goBack();
      expect(world.status.following).toBe(true);
      expect(world.video.currentTime).toBeGreaterThan(98);
    }
  });

  test('who followed the edge follows it after the engine was changed, wherever it is by then', () => {
    made.playhead.keep();
    made.world.video.currentTime = 98;
    made.playhead.goBack();
    expect([made.world.video.currentTime, made.world.status.following]).toEqual([98, true]);
  });
});
