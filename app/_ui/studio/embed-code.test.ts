import { expect, test } from 'vitest';
import { EMBED_SIZES, embedAddressOf, embedCode, FIRST_CHOICE } from './embed-code.ts';

const PAGES = 'https://live.example';

test('the address says what is shown, what plays and whether it begins by itself', () => {
  expect(embedAddressOf(PAGES, 'night', 'br_1', FIRST_CHOICE)).toBe('https://live.example/embed/night');
  const one = { ...FIRST_CHOICE, what: 'this-show' as const, autoplay: false };
  expect(embedAddressOf(PAGES, 'night', 'br_1', one)).toBe('https://live.example/embed/night?b=br_1&autoplay=0');
  expect(embedAddressOf(PAGES, 'night', null, one)).toBe('https://live.example/embed/night?autoplay=0');
  const both = { ...one, form: 'both' as const };
  expect(embedAddressOf(PAGES, 'night', 'br_1', both)).toBe(
    'https://live.example/embed/night?show=both&b=br_1&autoplay=0',
  );
  const chat = { ...one, form: 'chat' as const, what: 'always' as const };
  expect(embedAddressOf(PAGES, 'night', 'br_1', chat)).toBe('https://live.example/embed/night?show=chat');
});

test('the code has a size or fills its place, and a title is text in it', () => {
  const address = 'https://live.example/embed/night?b=br_1&autoplay=0';
  expect(embedCode(address, 'A', { form: 'player', size: 'small' })).toContain('width="640" height="360"');
  const fluid = embedCode(address, 'A "night"', { form: 'player', size: 'fluid' });
  expect(fluid).toContain('style="width:100%;border:0;aspect-ratio:16/9');
  expect(fluid).not.toMatch(/ (width|height)="/);
  expect(fluid).toContain('title="A &quot;night&quot;"');
  expect(fluid).toContain('?b=br_1&amp;autoplay=0');
});

test('a chat has a height of its own, and no picture’s shape', () => {
  for (const form of ['chat', 'both'] as const) {
    for (const size of ['fluid', 'large', 'medium', 'small'] as const) {
      const code = embedCode('https://live.example/embed/night', 'A', { form, size });
      expect(code).not.toContain('aspect-ratio');
      expect(code).toMatch(size === 'fluid' ? /height:max\(/ : / height="\d+"/);
    }
  }
  expect(EMBED_SIZES.both.small.height).toBeGreaterThan(EMBED_SIZES.both.small.width);
});
