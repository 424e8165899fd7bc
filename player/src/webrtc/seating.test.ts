// @vitest-environment happy-dom
import { beforeEach, describe, expect, test } from 'vitest';
import { FIRST_STATUS, type PlayerStatus } from '../core/phase.ts';
import type { Playhead } from '../element/playhead.ts';
import type { SeatLink } from './seat-link.ts';
import { type DeskEvents, Seating } from './seating.ts';

const NOW_MS = Date.parse('2026-01-01T12:00:00Z');

/** A playback as far as a seating sees it: what plays, what was asked of it, and the desk that is open. */
function open(begin: Partial<PlayerStatus> = {}) {
  const world = {
    plays: 'hls' as string,
    status: { ...FIRST_STATUS, phase: 'playing', live: true, following: true, ...begin } as PlayerStatus,
    desk: null as DeskEvents | null,
    desks: 0,
    /** Where HLS goes on: null = at the edge. */
    kept: null as { dateMs: number | null; following: boolean } | null,
    grants: 0,
  };
  const video = document.createElement('video');
  const cover = document.createElement('div');
  document.body.append(cover);
  const link = (): SeatLink => ({
    stream: new MediaStream(),
    gone: new Promise(() => {}),
    facts: { bitrateKbps: null, fps: null, codecs: null },
    close() {},
  });
  const playhead = {
    keepAt: (dateMs: number | null, following: boolean) => {
      world.kept = { dateMs, following };
    },
    forget: () => {
      world.kept = null;
    },
  } as Playhead;
  let close = () => {};
  const seating: Seating = new Seating({
    video,
    cover,
    playhead,
    status: () => world.status,
    set(change) {
      world.status = { ...world.status, ...change };
      seating?.look();
    },
    nowMs: () => NOW_MS,
    keepGrant: () => {
      world.grants += 1;
      return () => {
        world.grants -= 1;
      };
    },
    playWith(make) {
      close();
      const engine = make();
      close = () => engine.destroy();
      world.plays = engine.name;
    },
    reopen() {
      close();
      close = () => {};
      world.plays = 'hls';
    },
    openDesk(events) {
      world.desk = events;
      world.desks += 1;
      // A desk begins to ask at once, and what it tells changes the status while it is still being opened.
      if (world.desks < 9) events.onState('asking', null);
      return {
        close() {
          world.desk = null;
        },
      };
    },
  });
  return { world, seating, sit: () => world.desk?.onSeat(link()) };
}

let made: ReturnType<typeof open>;
beforeEach(() => {
  made = open();
  made.seating.want(true);
});

describe('a seating', () => {
  test('asks for a seat for who follows the show, and plays it', () => {
    expect(made.world.desks).toBe(1);
    made.sit();
    expect(made.world).toMatchObject({ plays: 'webrtc', grants: 1, desks: 1 });
  });

  test('asks for none while the viewer is back in the show, pauses, hears only the sound, or watches a recording', () => {
    for (const change of [{ following: false }, { phase: 'paused' }, { audioOnly: true }, { live: false }] as const) {
      const { world, seating } = open(change);
      seating.want(true);
      expect([world.desks, world.status.seat?.wanted]).toEqual([0, true]);
    }
  });

  test('falls to HLS when the seat is lost, and keeps asking', () => {
    made.sit();
    made.world.desk?.onLost();
    expect(made.world).toMatchObject({ plays: 'hls', grants: 0, desks: 1 });
    made.sit();
    expect(made.world.plays).toBe('webrtc');
  });

  test('gives the seat back to go back in the show, to the very place, and takes one again at the edge', () => {
    made.sit();
    made.seating.goBack(-10);
    expect(made.world).toMatchObject({ plays: 'hls', desk: null, status: { following: false } });
    expect(made.world.kept).toMatchObject({ following: false });
    expect((NOW_MS - (made.world.kept?.dateMs ?? 0)) / 1000).toBeCloseTo(10.4, 1);
    made.world.status = { ...made.world.status, following: true };
    made.seating.look();
    expect(made.world.desks).toBe(2);
  });

  test('goes back to the start of the show, however long the seat lasted', () => {
    made.sit();
    made.seating.goBack(Number.NEGATIVE_INFINITY);
    expect(made.world.kept?.dateMs).toBe(Number.NEGATIVE_INFINITY);
  });

  test('ends when the viewer no longer wants it, and when the element goes', () => {
    made.sit();
    made.seating.want(false);
    expect(made.world).toMatchObject({ plays: 'hls', desk: null });
    expect(made.world.status.seat).toEqual({ wanted: false, state: 'off', problem: null });
    const other = open();
    other.seating.want(true);
    other.sit();
    other.seating.close();
    expect(other.world.desk).toBeNull();
  });

  test('a seat that comes after it was given up is closed', () => {
    const late = made.world.desk;
    made.seating.want(false);
    let closed = 0;
    late?.onSeat({
      stream: new MediaStream(),
      gone: new Promise(() => {}),
      facts: null as never,
      close: () => void closed++,
    });
    expect([made.world.plays, closed]).toEqual(['hls', 1]);
  });
});
