import { expect, test } from 'vitest';
import { handleProblem, suggestHandle } from './handle-rules.ts';

test('a handle made of a name is a valid one', () => {
  expect(suggestHandle('Café Größe 2!')).toBe('cafe-groesse-2');
  expect(suggestHandle('  --  ')).toBe('');
  for (const name of ['The Long Evening Show With A Very Long Name Indeed', 'Ünïcødé', 'a b c']) {
    expect(handleProblem(suggestHandle(name))).toBeNull();
  }
});

test('each rule of a handle has its own words', () => {
  expect(handleProblem('ab')).toBe('short');
  expect(handleProblem('a'.repeat(33))).toBe('long');
  expect(handleProblem('Ab_c')).toBe('characters');
  expect(handleProblem('-abc')).toBe('edges');
  expect(handleProblem('my-channel-2')).toBeNull();
});
