import { expect, test } from 'vitest';
import { followSpeaker, NO_FOCUS, type SpeakerFocus } from './speaker-focus.ts';

const ALL = ['ada', 'bo', 'cy'];

/** Plays `loudest by instant` at 10 steps a second; gives who is large at the end and how often it changed. */
function play(spans: [loudest: string | null, ms: number][], present: readonly string[] = ALL) {
  let focus: SpeakerFocus = NO_FOCUS;
  let nowMs = 0;
  const seen: (string | null)[] = [];
  for (const [loudest, ms] of spans) {
    for (let step = 0; step < ms / 100; step++) {
      focus = followSpeaker(focus, { loudest, present, nowMs });
      if (seen.at(-1) !== focus.identity) seen.push(focus.identity);
      nowMs += 100;
    }
  }
  return { focus, seen, nowMs };
}

test('the first who speaks is large at once, and silence keeps them', () => {
  expect(
    play([
      ['ada', 100],
      [null, 60_000],
    ]).seen,
  ).toEqual(['ada']);
});

test('a cough does not take the picture', () => {
  expect(
    play([
      ['ada', 5000],
      ['bo', 800],
      [null, 5000],
      ['bo', 900],
      ['ada', 1000],
    ]).seen,
  ).toEqual(['ada']);
});

test('who speaks on takes over after 1.2 s', () => {
  expect(
    play([
      ['ada', 5000],
      ['bo', 1200],
    ]).seen,
  ).toEqual(['ada']);
  expect(
    play([
      ['ada', 5000],
      ['bo', 1400],
    ]).seen,
  ).toEqual(['ada', 'bo']);
});

test('two who take turns quickly change the picture every three seconds at most', () => {
  const turns = Array.from({ length: 20 }, (_, index): [string, number] => [index % 2 ? 'ada' : 'bo', 1500]);
  expect(play(turns).seen.length).toBeLessThanOrEqual(11);
});

test('who left gives way at once to who speaks, and nobody to nobody', () => {
  const { focus, nowMs } = play([['ada', 5000]]);
  expect(followSpeaker(focus, { loudest: 'bo', present: ['bo'], nowMs }).identity).toBe('bo');
  expect(followSpeaker(focus, { loudest: null, present: ['bo'], nowMs }).identity).toBe(null);
});

test('somebody who cannot be shown never becomes large', () => {
  expect(play([['zed', 9000]]).seen).toEqual([null]);
});
