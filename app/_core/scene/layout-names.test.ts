import { expect, test } from 'vitest';
import { layoutNamed, layoutWishOf } from './layout-names.ts';

test("layouts are ours and LiveKit's, and nobody knows another name", () => {
  const names = ['scene', '', 'grid', 'grid-light', 'speaker-dark', 'single-speaker', 'single-speaker-light', 'single'];
  expect(names.map(layoutNamed)).toEqual(['scene', 'grid', 'grid', 'grid', 'speaker', 'single', 'single', 'single']);
  expect(['spiral', 'Grid', 'grid-blue'].map(layoutNamed)).toEqual([null, null, null]);
});

test("a layout is read from a recorder's metadata and from nothing else", () => {
  expect(layoutWishOf('{"layout":"speaker"}')).toBe('speaker');
  for (const text of [undefined, '', 'speaker', 'null', '[]', '{"layout":7}', '{"v":1}']) {
    expect(layoutWishOf(text)).toBeNull();
  }
});
