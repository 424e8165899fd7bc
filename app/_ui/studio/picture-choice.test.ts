import { expect, test } from 'vitest';
import { chooseProgram, ProgramWish } from '#core/broadcast/choose-program';
import { fitProgram } from '#core/broadcast/fit-program';
import { changeOf, choiceOf, LATENCIES, QUALITIES, SHAPES, wishOf } from './picture-choice.ts';

/** As the API makes a broadcast of a wish. */
function broadcastOf(wish: ReturnType<typeof wishOf>) {
  const program = chooseProgram(ProgramWish.parse(wish.program), wish.latency, ['1080p', '160p']);
  return { program, latency: wish.latency };
}

test('whatever is chosen in the form is a wish that the API takes, and shows as the same choice after', () => {
  for (const shape of SHAPES) {
    for (const quality of QUALITIES) {
      for (const latency of LATENCIES) {
        const choice = { shape, quality, latency };
        expect(choiceOf(broadcastOf(wishOf(choice)))).toEqual(choice);
      }
    }
  }
});

test('of a change the API is told what changed and nothing else', () => {
  const before = { shape: 'wide', quality: 'usual', latency: 'low' } as const;
  expect(changeOf(before, { ...before })).toEqual({});
  expect(changeOf(before, { ...before, latency: 'ultra' })).toEqual({ latency: 'ultra' });
  expect(changeOf(before, { ...before, quality: 'light' })).toEqual({
    program: { shape: 'wide', rungs: ['480p', '360p'], fps: 30 },
  });
});

test('a program that came otherwise, or was fitted to its source, is shown as the usual one', () => {
  const usual = { shape: 'auto', quality: 'usual', latency: 'low' };
  expect(choiceOf(null)).toEqual(usual);
  const { program, latency } = broadcastOf(wishOf({ shape: 'wide', quality: 'fast', latency: 'ultra' }));
  const fitted = fitProgram(program, { width: 640, height: 360, fps: 25 });
  expect(choiceOf({ program: fitted, latency })).toEqual({ shape: 'wide', quality: 'usual', latency: 'ultra' });
});
