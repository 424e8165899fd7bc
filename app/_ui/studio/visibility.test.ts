import { expect, test } from 'vitest';
import { passwordProblem, titleProblem } from './visibility.ts';

test('a password is asked for where the show has none yet, and must not be too short', () => {
  const of = (password: string, known = false) => passwordProblem({ visibility: 'password', password }, known);
  expect([of(''), of('   '), of('abc'), of('abcd')]).toEqual([
    'passwordMissing',
    'passwordMissing',
    'passwordShort',
    null,
  ]);
  expect([of('', true), of('abc', true)]).toEqual([null, 'passwordShort']);
  expect(passwordProblem({ visibility: 'ticket', password: '' }, false)).toBeNull();
});

test('a title is there and not too long', () => {
  expect([titleProblem(' '), titleProblem('A'), titleProblem('A'.repeat(121))]).toEqual([
    'nameMissing',
    null,
    'nameLong',
  ]);
});
