import { expect, test } from 'vitest';
import { embedAddressOf, embedCode, FIRST_CHOICE } from './embed-code.ts';

const PAGES = 'https://live.example';

test('the address says what plays and whether it begins by itself', () => {
  expect(embedAddressOf(PAGES, 'night', 'br_1', FIRST_CHOICE)).toBe('https://live.example/embed/night');
  const one = { ...FIRST_CHOICE, what: 'this-show' as const, autoplay: false };
  expect(embedAddressOf(PAGES, 'night', 'br_1', one)).toBe('https://live.example/embed/night?b=br_1&autoplay=0');
  expect(embedAddressOf(PAGES, 'night', null, one)).toBe('https://live.example/embed/night?autoplay=0');
});

test('the code has a size or fills its place, and a title is text in it', () => {
  const address = 'https://live.example/embed/night?b=br_1&autoplay=0';
  expect(embedCode(address, 'A', '640')).toContain('width="640" height="360"');
  const fluid = embedCode(address, 'A "night"', 'fluid');
  expect(fluid).toContain('style="width:100%;border:0;aspect-ratio:16/9');
  expect(fluid).not.toMatch(/ (width|height)="/);
  expect(fluid).toContain('title="A &quot;night&quot;"');
  expect(fluid).toContain('?b=br_1&amp;autoplay=0');
});
