import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText, countCodePoints, MAX_COMBINING_MARKS } from './clean-text.ts';

test('a line break becomes a space, so a message stays one line', () => {
  expect(cleanText('one\r\ntwo\n\nthree\u2028four')).toBe('one two three four');
});

test('control characters and direction overrides are dropped', () => {
  expect(cleanText('a\u0000b\u0007c\u202Ed\u2066e\u200Ff')).toBe('abcdef');
});

test('a fourth combining mark in a row is dropped, three stay', () => {
  expect(cleanText(`e${'\u0301'.repeat(40)}x`)).toBe(`e${'\u0301'.repeat(MAX_COMBINING_MARKS)}x`);
});

test('words of scripts with marks, families of emoji and flags come through whole', () => {
  for (const text of ['नमस्ते', 'שָׁלוֹם', 'สวัสดี', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪']) expect(cleanText(text)).toBe(text);
});

test('code points are counted, not UTF-16 units', () => {
  expect(countCodePoints('😀'.repeat(500))).toBe(500);
});

test('cleaning twice is cleaning once, and never makes a text longer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const once = cleanText(text);
      expect(cleanText(once)).toBe(once);
      expect(once.length).toBeLessThanOrEqual(text.length);
      expect(once).not.toMatch(/\p{M}{4}|\p{Cc}/u);
    }),
  );
});
